// Elements, and what every part of the page does with them.

// Text from a recording only ever becomes text: no part of it is read as HTML.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

// Tells a screen reader what a sighted reader sees change.
function say(text) {
  document.getElementById("said").textContent = text;
}

// A text that is copied as it stands.
function command(text) {
  const button = h("button", { type: "button", class: "copy", "aria-label": `Copy: ${text}` }, "copy");
  button.addEventListener("click", async () => {
    const copied = await copy(text);
    button.textContent = copied ? "copied" : "select it";
    say(copied ? "Copied" : "Copying is not allowed here; select the text");
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
  return h("span", { class: "command" }, h("code", null, text), button);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page from a file may have no clipboard of the newer kind.
    const field = h("textarea", { "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}

function save(name, bytes) {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/jsonl" }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// What is made only when somebody opens it.
function fold(summary, make, open = false) {
  const details = h("details", { open }, h("summary", null, summary));
  let made = false;
  const fill = () => {
    if (details.open && !made) {
      made = true;
      add(details, [make()]);
    }
  };
  details.addEventListener("toggle", fill);
  details.fill = fill;
  fill();
  return details;
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts" }, known.map(([name, value]) =>
    h("div", null, h("dt", null, name), h("dd", null, value))));
}

// A table that scrolls by itself where it is wider than the page.
function scroller(label, table) {
  return h("div", { class: "scroller", role: "group", "aria-label": label, tabindex: "0" }, table);
}

// Rows whose cells say of which column they are: on a narrow screen there are no
// columns, and the cells stand one after the other.
function stacked(row, heads) {
  row.setAttribute("role", "row");
  [...row.cells].forEach((cell, place) => {
    cell.setAttribute("role", cell.tagName === "TD" ? "cell" : "rowheader");
    if (heads[place]) cell.dataset.head = heads[place];
  });
  return row;
}

// A table of rows that stack, with these heads.
function table(kind, caption, heads, rows) {
  // A table that is laid out as none would be none for a screen reader.
  return h("table", { class: `${kind} stacks`, role: "table" }, caption,
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map((it) => (it instanceof Element ? it : h("th", { scope: "col", role: "columnheader" }, it))))),
    h("tbody", { role: "rowgroup" }, rows.map((row) => stacked(row, heads.map((it) => (it instanceof Element ? it.textContent : it))))));
}

// The row that stands open below another.
const detailRow = (columns, content) => h("tr", { class: "detail", role: "row" }, h("td", { colspan: columns, role: "cell" }, content));
