// A comparison: what changed, then every case on every version.

const QUANTITIES = [
  { key: "ceiling", name: "ceiling", of: (it) => it.ceiling?.n, words: compact, exact: (it) => (it < 1 ? "none" : number(it)) },
  { key: "instructions", name: "instructions", unit: "", of: (it) => it.instructions, words: compact, exact: number },
  { key: "heap", name: "heap", unit: "bytes", of: (it) => it.heap, words: bytes, exact: bytes },
  { key: "time", name: "processor time", unit: "seconds", of: (it) => it.time, words: seconds, exact: seconds },
  { key: "memory", name: "memory of the process", unit: "bytes", of: (it) => it.memory, words: bytes, exact: bytes },
  { key: "compile", name: "processor time of compiling", unit: "seconds", of: (it) => it.compile, words: seconds, exact: seconds },
  { key: "compile-memory", name: "memory of compiling", unit: "bytes", of: (it) => it.compile_memory, words: bytes, exact: bytes },
];

function times(ratio) {
  if (ratio >= 1000) return `×${compact(ratio)}`;
  return `×${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(ratio < 0.1 ? 3 : 2)}`;
}

// Versions one after the other as `0.1.9 to 0.1.13`.
function range(recording, places) {
  const name = (place) => recording.info.columns[place].name;
  const sorted = [...places].sort((a, b) => a - b);
  const parts = [];
  for (const place of sorted) {
    const last = parts.at(-1);
    if (last && last[1] === place - 1) last[1] = place;
    else parts.push([place, place]);
  }
  return parts.map(([from, to]) => (from === to ? name(from) : `${name(from)} to ${name(to)}`)).join(", ");
}

// What is alike on several versions is told once, by the last of them.
function told(changes) {
  const same = ({ kind, row, from, verdicts, because, steps }) => JSON.stringify([kind, row, from, verdicts, because, steps.map((it) => [it.quantity, it.ratio > 1])]);
  return [...Map.groupBy(changes, same).values()];
}

// How many times as much it is, from the least to the most of these.
function spread(group, quantity) {
  const ratios = group.flatMap((it) => it.steps.filter((step) => step.quantity === quantity).map((step) => step.ratio));
  const ends = [times(Math.min(...ratios)), times(Math.max(...ratios))];
  return ends[0] === ends[1] ? ends[0] : `${ends[0]} to ${ends[1]}`;
}

function changeLine(recording, group) {
  const change = group.at(-1);
  const row = recording.rows[change.row];
  const from = recording.info.columns[change.from].name;
  const [before, after] = change.verdicts;
  const name = row ? `${row.scenario} [${family(row.lane)}] ${row.n === null ? "climb" : `n = ${number(row.n)}`}` : `case ${change.row}`;
  return h("li", { class: change.kind },
    h("div", { class: "since" }, range(recording, group.map((it) => it.to))),
    h("div", null,
      h("b", null, row ? link(rowAnchor(recording, row), name) : name), " ",
      before === after ? null : [verdict(before), " → ", verdict(after), " "],
      change.steps.map((step, place) => `${place ? ", " : ""}${step.quantity} ${step.at_least ? "at least " : ""}${spread(group, step.quantity)} (${amountOf(step, step.before)} → ${amountOf(step, step.after)})`),
      h("small", { class: "quiet" }, ` compared with ${from}`, change.instructions ? `; instructions ${times(change.instructions)}` : ""),
      change.message ? h("div", { class: "quiet" }, prose(change.message)) : null,
      change.because ? h("div", { class: "quiet" }, "cause: ", prose(change.because)) : null));
}

// In its unit, as the terminal gives it.
const amountOf = (step, value) => (QUANTITIES.find((it) => it.key === step.quantity)?.exact ?? short)(value);

const rowAnchor = (recording, row) => `${recording.anchor(row)}${row.n === null ? "-climb" : ""}`;

const TITLES = { otherwise: "Fail in another way", fix: "Were mended", improvement: "Cost less, or come further" };

// What got worse: than on the first version, and from one version to a later one
// where that is another change.
function worse({ regressions, changes }) {
  const known = new Set(regressions.map((it) => `${it.row} ${it.from} ${it.to}`));
  return [...regressions, ...changes.filter((it) => ["regression", "result"].includes(it.kind) && !known.has(`${it.row} ${it.from} ${it.to}`))];
}

function changeSections(recording) {
  const { end } = recording;
  if (!end) return null;
  const section = (name, title, changes, note) => h("section", { id: `${recording.id}-${name}`, "data-title": title, tabindex: "-1" },
    h("h2", null, title), note ? h("p", null, note) : null, h("ul", { class: "changes" }, told(changes).map((it) => changeLine(recording, it))));
  const list = [];
  const regressions = worse(end);
  if (regressions.length > 0) {
    list.push(section("regressions", `Got worse (${new Set(regressions.map((it) => it.row)).size})`, regressions, "On the left, the versions that it is worse on."));
  }
  for (const [kind, title] of Object.entries(TITLES)) {
    const changes = end.changes.filter((it) => it.kind === kind);
    if (changes.length > 0) list.push(section(kind, `${title} (${changes.length})`, changes));
  }
  if (list.length === 0) list.push(h("section", null, h("h2", null, "Nothing changed"), h("p", null, "No verdict differs between two versions, and no cost by more than is allowed.")));
  return list;
}

// The quantity that a row is shown by, and what it was at first.
function scaleOf(row, wanted) {
  const cells = row.cells.filter(Boolean);
  const known = (it) => cells.some((cell) => it.of(cell) !== null && it.of(cell) !== undefined);
  const quantity = QUANTITIES.find((it) => it.key === wanted && known(it)) ?? QUANTITIES.find(known);
  return { quantity, first: quantity && cells.map(quantity.of).find((it) => it) };
}

// Four shades each way. A clock is no exact count: what it says is told from twice
// on, as in the list of changes.
function shade(ratio, quantity) {
  const size = Math.log10(ratio) * (quantity.key === "ceiling" ? -1 : 1);
  if (Math.abs(size) < Math.log10(quantity.key === "time" ? 2 : 1.1)) return "same";
  return `${size > 0 ? "worse" : "better"}-${Math.min(4, 1 + Math.floor(Math.abs(size) * 3))}`;
}

function heatCell(cell, column, { quantity, first }) {
  if (!cell) return h("td", { class: "heat absent" }, h("span", { class: "unseen" }, column.unusable ? "could not be set up" : "not known"), h("span", { "aria-hidden": "true" }, "·"));
  const kind = kindOf(cell.verdict);
  const amount = quantity?.of(cell);
  const is = amount !== null && amount !== undefined;
  // A budget ended it: the time is only the least that it takes.
  const least = is && quantity.key === "time" && cell.time_at_least ? "≥ " : "";
  const words = is ? least + (quantity.key === "ceiling" ? quantity.words(amount) : first ? times(amount / first) : quantity.words(amount)) : "";
  const title = `${column.name}: ${cell.verdict}${is ? `, ${quantity.name} ${least}${quantity.exact(amount)}` : ""}${cell.message ? `: ${cell.message}` : ""}`;
  const changed = is && first ? shade((amount || 0.5) / first, quantity) : "same";
  // What fails is never shown as if it were as good as before, or better.
  const tone = kind === "bad" && !changed.startsWith("worse") ? "fails" : changed;
  if (kind === "good") return h("td", { class: `heat ${tone}`, title }, words || h("small", null, cell.verdict));
  return h("td", { class: `heat ends ${kind} ${tone}`, title }, `${SIGNS[kind]} ${cell.verdict}`, words ? h("small", null, words) : null);
}

function rowDetail(recording, row) {
  const lines = row.cells.map((cell, place) => [recording.info.columns[place], cell]).filter(([, cell]) => cell);
  const heads = ["version", "verdict", ...QUANTITIES.map(numericHead), numericHead({ name: "collections" }), "message"];
  const onEach = lines.map(([column, it]) => h("tr", null,
    h("th", { scope: "row" }, column.name), h("td", null, verdict(it.verdict)),
    QUANTITIES.map(({ of, key }) => h("td", { class: "numeric" }, key === "time" && it.time_at_least ? "≥ " : null, cell(of(it), number))),
    h("td", { class: "numeric" }, cell(it.collections, number)),
    h("td", { class: "prose" }, prose(it.message), it.because ? h("div", { class: "quiet" }, "cause: ", prose(it.because)) : null)));
  return h("div", null, scroller("On each version", table("plain", h("caption", null, "On each version"), heads, onEach)),
    h("p", { class: "quiet" }, "Again, on the last of them: "), lines.length ? command(lines.at(-1)[1].again) : null,
    everything(row));
}

function heatSection(recording) {
  if (recording.rows.length === 0) return null;
  const columns = recording.info.columns;
  const key = `${recording.id}.by`;
  const body = h("tbody", { role: "rowgroup" });
  const select = h("select", { name: "by" }, ["instructions", "heap", "time", "ceiling"].map((it) => h("option", { value: it }, QUANTITIES.find(({ key }) => key === it).name)));
  const lines = new Map();
  const heads = ["", ...columns.map((it) => it.name)];
  select.addEventListener("input", () => { view.set(key, select.value === "instructions" ? "" : select.value); refresh(); });

  function line(row, wanted) {
    const scale = scaleOf(row, wanted);
    const at = rowAnchor(recording, row);
    const known = lines.get(at) ?? { open: false };
    lines.set(at, known);
    const button = h("button", { type: "button", class: "open", "aria-expanded": String(known.open) }, row.scenario);
    const about = h("small", { class: "quiet" }, ` ${family(row.lane)} ${row.n === null ? "climb" : `n = ${number(row.n)}`}${scale.quantity ? ` · ${scale.quantity.name}` : ""}`);
    const element = stacked(h("tr", { id: at, class: known.open ? "opened" : null }, h("th", { scope: "row" }, button, about), row.cells.map((it, place) => heatCell(it, columns[place], scale))), heads);
    known.toggle = (open = !known.open) => {
      if (open === known.open) return;
      known.open = open;
      button.setAttribute("aria-expanded", String(open));
      if (!open) { known.detail.remove(); return; }
      known.detail ??= detailRow(columns.length + 1, rowDetail(recording, row));
      known.detail.onkeydown = closes;
      element.after(known.detail);
      view.go(at);
    };
    const closes = (event) => { if (event.key === "Escape" && known.open) { known.toggle(false); button.focus(); } };
    element.addEventListener("keydown", closes);
    button.addEventListener("click", () => known.toggle());
    return known.open ? [element, known.detail] : [element];
  }

  function refresh() {
    select.value = view.get(key) || "instructions";
    body.replaceChildren(...recording.rows.flatMap((row) => line(row, select.value)));
  }

  view.listeners.push(refresh);
  view.tables.push({ id: recording.id, place: `${recording.id}-map` });
  openers.push((place) => { lines.get(place)?.toggle(true); return lines.has(place); });
  refresh();
  const versions = columns.map((it) => h("th", { scope: "col", role: "columnheader" }, it.name, it.unusable ? h("small", null, " not set up") : null));
  const map = table("heatmap", h("caption", { class: "unseen" }, "Every case on every version"), ["case", ...versions], []);
  map.tBodies[0].replaceWith(body);
  return h("section", { id: `${recording.id}-map`, "data-title": "Every case on every version", class: "wide", tabindex: "-1" },
    h("h2", null, "Every case on every version"),
    h("p", null, "Each number is how many times the first version's cost a version takes; of a climb, the ceiling itself. ✕ fails, and says how; ≥ was ended by its budget, and takes at least that much. Time is processor time. Red costs more, blue less; what changed by less than a tenth, or a time by less than a factor of two, has no colour. Where the chosen cost is not known, the line names another."),
    h("div", { class: "filters" }, h("label", null, h("span", null, "shown by"), select)),
    scroller("Every case on every version", map));
}

function unusable(recording) {
  const out = (recording.info.columns ?? []).filter((it) => it.unusable);
  return out.length === 0 ? null : h("section", null, h("h2", null, "Versions that could not be set up"),
    h("ul", null, out.map((it) => h("li", null, h("b", null, it.name), ` ${it.unusable}`))));
}
