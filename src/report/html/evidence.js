// What a failure is about, to be read: its program, and parts of its module.

// So many lines are read at a glance.
const GLANCE = 60;

const linesOf = (it) => it.text.split("\n");

// Lines with their numbers, which are not copied with them. Those that are meant
// are marked; `id` names a line.
function listing(excerpt, meant, id = () => null) {
  const label = `${excerpt.name}, from line ${excerpt.line}`;
  const start = `counter-reset: line ${excerpt.line - 1}`;
  return h("pre", { class: "listing", tabindex: "0", role: "group", "aria-label": label, style: start }, linesOf(excerpt).map((line, place) => {
    const at = excerpt.line + place;
    return h("span", { class: meant.has(at) ? "meant" : null, id: id(at), tabindex: id(at) ? "-1" : null }, line);
  }));
}

const cutWords = (it) => (it.left_out > 0 ? h("p", { class: "quiet" }, `${plural(it.left_out, "line")} of it more ${it.left_out === 1 ? "is" : "are"} left out here.`) : null);

// All calls of a story, and all frames of a trap.
function callsOf(end) {
  if (end?.how === "trapped") return end.frames.map((frame) => ({ frame }));
  if (end?.how !== "corrupt") return [];
  const { finding } = end;
  return [finding.calls, ...finding.blocks.flatMap((it) => [it.allocated_by, it.freed?.calls ?? []])].flat();
}

// Where a line of the module's text stands on this page.
function textPlaces(recording, record) {
  const functions = record.evidence?.module ?? [];
  const holds = (line) => functions.some((it) => it.line <= line && line < it.line + linesOf(it).length);
  const isMeant = new Set(callsOf(record.ending).map((it) => it.text_line));
  return (line) => (isMeant.has(line) && holds(line) ? `${recording.anchor(record)}-wat-${line}` : null);
}

// The program and the module. Where several failures are of one program, it is
// open in the first.
function evidence(recording, record, isFirst) {
  const { evidence: it, ending: end } = record;
  if (!it) return null;
  const of = it.n === record.n ? "" : ` at n = ${number(it.n)}`;
  const ours = callsOf(end);
  const sourceLines = (name) => new Set(ours.filter(({ frame }) => frame.file === name).map(({ frame }) => frame.line));
  const all = it.program.reduce((sum, file) => sum + linesOf(file).length, 0);
  const files = it.program.map((file) => fold(`${file.name}${of}, ${plural(linesOf(file).length + file.left_out, "line")}`,
    () => [listing(file, sourceLines(file.name)), cutWords(file)], isFirst && all <= GLANCE));
  return h("div", { class: "evidence" }, files, moduleText(recording, record));
}

function moduleText(recording, record) {
  const { module, left_out } = record.evidence;
  if (module.length === 0) return null;
  const at = textPlaces(recording, record);
  const meant = new Set(callsOf(record.ending).map((it) => it.text_line));
  const text = fold(`The module's text: ${plural(module.length, "function")}${left_out > 0 ? `; ${number(left_out)} more of the program are left out` : ""}`, () =>
    module.map((it) => h("div", null, h("p", { class: "part" }, h("code", null, it.name), h("span", { class: "quiet" }, ` from line ${number(it.line)} on`)), listing(it, meant, at), cutWords(it))));
  const places = `${recording.anchor(record)}-wat-`;
  openers.push((place) => {
    if (!place.startsWith(places)) return false;
    text.open = true;
    text.fill();
    return true;
  });
  return text;
}
