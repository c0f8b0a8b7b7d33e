// Everything that a record holds, each number as it was written.

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function scalar(value) {
  if (value === null) return h("span", { class: "none" }, "none");
  if (value === "") return h("span", { class: "none" }, "empty");
  return String(value);
}

// An object as one level: `run.cpu` and so on. Lists stay lists.
function flat(object, before = "", into = {}) {
  for (const [key, value] of Object.entries(object)) {
    if (isObject(value) && Object.keys(value).length > 0) flat(value, `${before}${key}.`, into);
    else into[before + key] = value;
  }
  return into;
}

function list(values) {
  if (values.length === 0) return h("span", { class: "none" }, "none");
  if (values.some(isObject) && values.every((it) => it === null || isObject(it))) return rows(values.map((it) => it ?? {}));
  if (values.every(Array.isArray)) {
    return h("div", { class: "numbers", tabindex: "0" }, values.map((it) => `(${it.join(", ")})`).join(" "));
  }
  if (values.some((it) => typeof it === "string" && it.length > 40)) {
    return h("ol", { class: "texts" }, values.map((it) => h("li", null, scalar(it))));
  }
  return values.map((it) => (isObject(it) || Array.isArray(it) ? JSON.stringify(it) : String(it))).join(", ");
}

const MOST_COLUMNS = 8;

// Objects of one kind as the lines of a table.
function rows(values) {
  const lines = values.map((it) => flat(it));
  const columns = [...new Set(lines.flatMap(Object.keys))];
  // Of more columns than lines, each becomes a line: a page is higher than wide.
  if (columns.length > MOST_COLUMNS && columns.length > lines.length) {
    const turned = h("table", { class: "plain turned" }, h("tbody", null, columns.map((column) => h("tr", null,
      h("th", { scope: "row" }, column), lines.map((line) => h("td", null, column in line ? shown(line[column]) : ""))))));
    return scroller(`table of ${columns.join(", ")}`, turned);
  }
  const cells = (line) => h("tr", null, columns.map((it) => h("td", null, it in line ? shown(line[it]) : "")));
  return scroller(`table of ${columns.join(", ")}`, table("plain", null, columns, lines.map(cells)));
}

function shown(value) {
  if (Array.isArray(value)) return list(value);
  if (isObject(value)) return Object.keys(value).length === 0 ? h("span", { class: "none" }, "none") : recorded(value);
  return scalar(value);
}

function recorded(object, without = []) {
  const lines = Object.entries(flat(object)).filter(([key]) => !without.includes(key));
  // What is long has a line of its own, below what fits into columns.
  const isLong = (value) => (Array.isArray(value) ? value.some((it) => typeof it === "object" || String(it).length > 40) : String(value).length > 60);
  const part = (name, some) => (some.length === 0 ? null : h("dl", { class: `recorded ${name}` }, some.map(([key, value]) =>
    h("div", null, h("dt", null, key), h("dd", null, shown(value))))));
  return h("div", null, part("short", lines.filter(([, it]) => !isLong(it))), part("long", lines.filter(([, it]) => isLong(it))));
}

function everything(record) {
  // What there is to read of a failure stands in the failure, as it is read.
  const { evidence: _, ...others } = record;
  return fold("Everything recorded", () => recorded(others, ["event"]), true);
}
