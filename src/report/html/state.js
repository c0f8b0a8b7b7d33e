// What the reader chose, in the address: `#place?key=value&...`. A view can be
// linked to, and comes back when the page is opened again.

const view = {
  place: "",
  chosen: new URLSearchParams(),
  listeners: [],

  read() {
    const text = location.hash.slice(1);
    const [place, chosen] = [text.split("?")[0], text.split("?").slice(1).join("?")];
    try {
      this.place = decodeURIComponent(place);
    } catch {
      this.place = "";
    }
    this.chosen = new URLSearchParams(chosen);
  },

  get(key) {
    return this.chosen.get(key) ?? "";
  },

  set(key, value) {
    if (value === "") this.chosen.delete(key);
    else this.chosen.set(key, value);
    this.write();
  },

  go(place) {
    this.place = place;
    this.write();
  },

  write() {
    const chosen = this.chosen.toString();
    history.replaceState(null, "", `#${encodeURIComponent(this.place)}${chosen ? `?${chosen}` : ""}`);
  },

  // Shows the place that the address names: whoever has it opens it.
  show() {
    for (const listener of this.listeners) listener();
    if (this.place === "") return;
    for (const open of openers) if (open(this.place)) break;
    const element = document.getElementById(this.place);
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
    view.go(place);
    view.show();
  });
  return anchor;
}
