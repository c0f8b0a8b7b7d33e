// What the reader chose, in the address: `#place?key=value&...`. A view can be
// linked to, and comes back when the page is opened again. A step that a reader
// takes back with the browser's button is an entry of its history: following a
// link is one, choosing and opening are none.

const view = {
  place: "",
  chosen: new URLSearchParams(),
  listeners: [],
  // What can be filtered or sorted: the keys that begin with `id.` are of `place`.
  tables: [],

  read() {
    const text = location.hash.slice(1);
    const [place, chosen] = [text.split("?")[0], text.split("?").slice(1).join("?")];
    try {
      this.place = decodeURIComponent(place);
    } catch {
      this.place = place;
    }
    this.chosen = new URLSearchParams(chosen);
  },

  get(key) {
    return this.chosen.get(key) ?? "";
  },

  set(key, value) {
    if (value === "") this.chosen.delete(key);
    else this.chosen.set(key, value);
    this.place = this.tables.find((it) => key.startsWith(`${it.id}.`))?.place ?? this.place;
    this.write();
  },

  go(place, isStep = false) {
    this.place = place;
    this.write(isStep);
  },

  write(isStep = false) {
    const chosen = this.chosen.toString();
    const address = `#${encodeURIComponent(this.place)}${chosen ? `?${chosen}` : ""}`;
    if (isStep && address !== location.hash) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  },

  // The place that is meant: of an address that only filters, the table.
  get meant() {
    if (this.place !== "") return this.place;
    const keys = [...this.chosen.keys()];
    return this.tables.find((it) => keys.some((key) => key.startsWith(`${it.id}.`)))?.place ?? "";
  },

  // Shows the place that the address names: whoever has it opens it.
  show() {
    for (const listener of this.listeners) listener();
    const place = this.meant;
    if (place !== "") for (const open of openers) if (open(place)) break;
    const element = document.getElementById(place);
    const astray = document.getElementById("astray");
    astray.hidden = place === "" || element !== null;
    astray.textContent = astray.hidden ? "" : `Nothing on this page is called “${place}”, which the address names. Its beginning is shown.`;
    if (!element) return;
    for (let up = element; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    element.scrollIntoView({ block: "start" });
    const target = element.matches("a, button, [tabindex]") ? element : element.querySelector("button, summary, a") ?? element;
    target.focus({ preventScroll: true });
  },
};

// Each takes a place and says whether it is one of its own, after opening it.
const openers = [];

// A link to a place on this page keeps what else was chosen.
function link(place, ...text) {
  const anchor = h("a", { href: `#${encodeURIComponent(place)}` }, ...text);
  anchor.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    view.go(place, true);
    view.show();
  });
  return anchor;
}
