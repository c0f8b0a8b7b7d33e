// A table that can be sorted and filtered, whose rows open to everything they
// hold. What is chosen stands in the address.

// place: of the section that it stands in
// columns: { key, title, of(row), cell(row), numeric }
// under: what stands below the first cell of a row
// filters: { key, title, of(row) }
function smartTable({ id, place, label, noun, rows, columns, filters, text, anchor, detail, under = () => null }) {
  const state = (key) => `${id}.${key}`;
  const body = h("tbody", { role: "rowgroup" });
  const shownCount = h("p", { class: "count", role: "status" });
  const controls = new Map();

  class Line {
    constructor(row) {
      this.row = row;
      this.anchor = anchor(row);
    }

    get element() {
      return (this.made ??= this.make());
    }

    make() {
      const [first, ...others] = columns;
      this.button = h("button", { type: "button", class: "open", "aria-expanded": "false" }, first.cell(this.row));
      const line = stacked(h("tr", { id: this.anchor, class: "line" },
        h("th", { scope: "row" }, this.button, under(this.row)),
        others.map((it) => h("td", { class: it.numeric ? "numeric" : null }, it.cell(this.row)))), ["", ...others.map((it) => it.title)]);
      line.addEventListener("click", (event) => {
        if (!event.target.closest("a, button:not(.open)") && getSelection().isCollapsed) this.toggle();
      });
      line.addEventListener("keydown", this.closes);
      return line;
    }

    toggle(open = !this.isOpen) {
      if (open === this.isOpen) return;
      this.isOpen = open;
      this.element.classList.toggle("opened", open);
      this.button.setAttribute("aria-expanded", String(open));
      if (!open) {
        this.detail.remove();
        return;
      }
      this.detail ??= detailRow(columns.length, detail(this.row));
      this.detail.onkeydown = this.closes;
      this.element.after(this.detail);
      view.go(this.anchor);
    }

    closes = (event) => {
      if (event.key !== "Escape" || !this.isOpen) return;
      this.toggle(false);
      this.button.focus();
    };

    isOpen = false;
  }

  const lines = rows.map((row) => new Line(row));

  const control = (key, title, element) => {
    controls.set(key, element);
    element.name = key;
    element.addEventListener("input", () => {
      view.set(state(key), element.value);
      refresh();
    });
    return h("label", null, h("span", null, title), element);
  };
  const search = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || search.value === "") return;
    event.preventDefault();
    search.value = "";
    search.dispatchEvent(new Event("input"));
  });
  const there = new Map(filters.map((filter) => [filter.key, [...new Set(rows.map(filter.of))].sort()]));
  const choices = filters.map((filter) => {
    const found = there.get(filter.key);
    return control(filter.key, filter.title, h("select", null, h("option", { value: "" }, "all"), found.map((it) => h("option", { value: it }, it))));
  });
  const clear = h("button", { type: "button" }, "show all");
  clear.addEventListener("click", () => {
    for (const [key, element] of controls) {
      element.value = "";
      view.set(state(key), "");
    }
    refresh();
  });
  const form = h("div", { class: "filters", role: "search", "aria-label": `Filter ${label}` }, control("q", "text", search), choices, clear, shownCount);

  const heads = columns.map((column) => {
    const button = h("button", { type: "button", class: "sort" }, column.title, h("span", { "aria-hidden": "true" }));
    button.addEventListener("click", () => {
      const now = view.get(state("sort"));
      // The largest number is what one looks for; of words, the first.
      const turns = column.numeric ? [`-${column.key}`, column.key] : [column.key, `-${column.key}`];
      view.set(state("sort"), now === turns[0] ? turns[1] : turns[0]);
      refresh();
    });
    return h("th", { scope: "col", role: "columnheader", class: column.numeric ? "numeric" : null }, button);
  });

  function sorted() {
    const chosen = view.get(state("sort"));
    const column = columns.find((it) => it.key === chosen.replace(/^-/, ""));
    heads.forEach((head, place) => {
      const on = columns[place] === column;
      if (on) head.setAttribute("aria-sort", chosen.startsWith("-") ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    if (!column) return lines;
    const sign = chosen.startsWith("-") ? -1 : 1;
    return [...lines].sort((one, other) => {
      const [a, b] = [column.of(one.row), column.of(other.row)];
      // What is not known stands last, whichever way.
      if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
      if (b === null || b === undefined) return -1;
      return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
    });
  }

  function fits(line) {
    const words = view.get(state("q")).toLowerCase().split(/\s+/).filter(Boolean);
    line.text ??= text(line.row).toLowerCase();
    return words.every((it) => line.text.includes(it))
      && filters.every((it) => ["", it.of(line.row)].includes(view.get(state(it.key))));
  }

  // What is filtered for, and is in no row at all: an address may name it.
  function unheard() {
    return filters.map((it) => [it.title, it.key, view.get(state(it.key))])
      .filter(([, key, value]) => value !== "" && !there.get(key).includes(value));
  }

  function refresh() {
    for (const [, key, value] of unheard()) {
      const known = [...controls.get(key).options].some((it) => it.value === value);
      if (!known) controls.get(key).append(h("option", { value }, `${value} (none)`));
    }
    for (const [key, element] of controls) if (element.value !== view.get(state(key))) element.value = view.get(state(key));
    const left = sorted().filter(fits);
    body.replaceChildren(...left.flatMap((it) => (it.isOpen ? [it.element, it.detail] : [it.element])));
    if (left.length === 0) body.append(h("tr", { role: "row" }, h("td", { colspan: columns.length, role: "cell", class: "quiet" }, 
      `No ${noun} is like that${unheard().map(([title, , value]) => `; none has the ${title} “${value}”`).join("")}.`)));
    shownCount.textContent = left.length === lines.length ? plural(lines.length, noun) : `${number(left.length)} of ${plural(lines.length, noun)}`;
    clear.hidden = left.length === lines.length;
  }

  view.listeners.push(refresh);
  view.tables.push({ id, place });
  openers.push((wanted) => {
    const line = lines.find((it) => it.anchor === wanted);
    if (!line) return false;
    if (!body.contains(line.element)) clear.click();
    line.toggle(true);
    return true;
  });
  refresh();
  const whole = table("smart", h("caption", { class: "unseen" }, label), heads, []);
  whole.tBodies[0].replaceWith(body);
  return [form, scroller(label, whole)];
}
