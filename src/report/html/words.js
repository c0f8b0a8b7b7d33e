// Numbers and words as a person reads them. What is exact stands in the tables
// of what is recorded.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 20 });

// An integer beyond what a number holds exactly is a text of digits.
function number(value) {
  if (typeof value === "string") return value.replace(/\B(?=(\d{3})+$)/g, ",");
  return grouped.format(value);
}

function short(value, digits = 3) {
  if (value === 0) return "0";
  if (Math.abs(value) >= 10 ** digits && Number.isInteger(value)) return grouped.format(value);
  return String(Number(value.toPrecision(digits)));
}

function bytes(value) {
  if (value < 1024) return `${value} B`;
  for (const unit of ["KiB", "MiB", "GiB"]) {
    value /= 1024;
    if (value < 1024 || unit === "GiB") return `${Number(value.toFixed(value < 10 ? 2 : 1))} ${unit}`;
  }
}

function seconds(value) {
  if (value < 0.001) return `${short(value * 1e6)} µs`;
  if (value < 1) return `${short(value * 1e3)} ms`;
  if (value < 120) return `${short(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

function compact(value) {
  const scale = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]].find(([size]) => Math.abs(value) >= size);
  return scale ? `${short(value / scale[0])}${scale[1]}` : short(value);
}

function plural(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

// Digits in a sentence, in threes as everywhere on the page. What stands in code
// or quotes stays as it was written.
const threes = (text) => text.replace(/(?<![\w.,=])\d{4,}(?![\w.])/g, number);

// Code stands between backticks, in the texts of scenarios and in messages. What
// a program returned or printed stands in quotes, and none of it is changed.
function prose(text) {
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of (text ?? "").matchAll(/"(?:[^"\\]|\\.)*"|`[^`]+`/g)) {
    if (!found.startsWith("`")) continue;
    parts.push(text.slice(from, index), h("code", null, found.slice(1, -1)));
    from = index + found.length;
  }
  return [...parts, (text ?? "").slice(from)];
}

function moment(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return `${day} at ${at.toISOString().slice(11, 16)} UTC`;
}

// A declared shape is an exponent, or a text such as `n log n`.
function shape(declared) {
  if (declared === null || declared === undefined) return "nothing";
  if (typeof declared === "string") return declared;
  if (declared === 0) return "constant";
  return declared === 1 ? "n" : `n^${declared}`;
}

const MEANINGS = {
  pass: "all as the oracle says, within the budgets",
  wrong: "the value or the output differs from the oracle",
  trap: "the program trapped",
  rejected: "the compiler refused the program, with a diagnostic",
  "invalid-module": "the compiler took the program, and what it emitted is no valid module",
  "over-time": "the budget of time ran out",
  "over-memory": "the budget of memory ran out",
  "over-output": "the program printed more than its budget",
  "over-instructions": "the program took more instructions than its budget",
  crashed: "the process died, or Vera's own code failed",
  corrupt: "the sanitizer saw a bad access, an unbalanced shadow stack or a broken heap",
  growth: "the result is right, and a cost grows faster with n than is declared",
  "engines-differ": "it failed, and the other engine came to another result",
  "lanes-differ": "another lane came to another result, and all must agree",
  "twin-differs": "the program rewritten so that it must do the same came to another result",
  known: "failed as the scenario declares: a known limit",
  fixed: "a known limit no longer fails",
  unsupported: "the engine of the lane cannot run the program",
  refused: "vera check refuses the program, of which nothing else was expected",
  undecided: "its budget ended the climb before it could be judged; the message says why",
  "not-run": "not run; the message says why",
};

// What a verdict means for the whole: four kinds, each with a sign of its own.
function kindOf(verdict) {
  switch (verdict) {
    case "pass": return "good";
    case "known": return "known";
    case "unsupported": case "refused": return "none";
    case "fixed": case "not-run": return "note";
    default: return "bad";
  }
}

const SIGNS = { good: "✓", known: "≈", none: "–", note: "!", bad: "✕" };

function verdict(word) {
  const kind = kindOf(word);
  return h("span", { class: `verdict ${kind}`, title: MEANINGS[word] },
    h("span", { "aria-hidden": "true" }, SIGNS[kind]), " ", word);
}

// The lane without the seed, which all cases of a run share.
function family(lane) {
  return lane.replace(/(random|sanitize)=\d+$/, "$1");
}

const GLOSSARY = [
  ["scenario", "one Vera program with one scale parameter n, an oracle for what it must produce at any n, the bug class it guards against, and its budgets"],
  ["n", "the scale: how many elements, calls, lines or levels the program is asked for"],
  ["axis", "what grows with n: iterations, live heap, recursion depth, output, program size, ..."],
  ["oracle", "an independent computation of the expected result from n alone"],
  ["lane", "how a program is run: on Vera's own runtime (reference) or inside vera-stress (native), and when its garbage is collected"],
  ["case", "one scenario, in one lane, at one n"],
  ["verdict", "what happened, judged against the oracle, the budgets and the declared growth"],
  ["guard", "the issue or bug class a scenario exists for, with one sentence of history"],
  ["known limit", "a failure that is already understood, written down in the scenario"],
  ["ceiling", "the largest n that passes"],
  ["growth", "the exponent p of cost ~ n^p, from exact counts at several n; 1 is linear, 2 quadratic"],
  ["instructions", "executed WebAssembly instructions, counted exactly in native lanes"],
];
