// Failures by their cause: what failed in the same way is told once, by the case
// that tells it best.

// So many of the other cases are named at once.
const NAMED = 12;

// What a recording says of its causes. Those of earlier versions say nothing, nor
// does one that was cut off: there, each scenario is a cause, and what the sanitizer
// found tells it best.
function causesOf(recording, records) {
  const placed = new Map(records.map((it) => [`${it.scenario} ${it.lane} ${it.n}`, it]));
  const causes = [];
  for (const cause of recording.end?.causes ?? []) {
    const of = cause.cases.map((it) => `${it.scenario} ${it.lane} ${it.scale}`);
    const found = of.map((it) => placed.get(it)).filter(Boolean);
    for (const it of of) placed.delete(it);
    if (found.length > 0) causes.push({ signature: cause.signature, records: found });
  }
  const told = (it) => (it.verdict === "corrupt" ? 0 : 1);
  for (const group of Map.groupBy(placed.values(), (it) => it.scenario).values()) {
    causes.push({ signature: null, records: [...group].sort((a, b) => told(a) - told(b)) });
  }
  return causes;
}

// What it is, in a few words: `corrupt: load in a freed block, in map_insert`.
function causeWords({ signature, records }) {
  const [first] = records;
  const kind = signature?.kind ? [": ", prose(signature.kind)] : null;
  const place = signature?.function ? [", in ", h("code", null, signature.function)] : null;
  return [verdict(first.verdict), kind, place];
}

function causeCard(recording, cause) {
  const [first, ...others] = cause.records;
  const scenarios = new Set(cause.records.map((it) => it.scenario)).size;
  const count = scenarios === 1 ? plural(cause.records.length, "case") : `${plural(cause.records.length, "case")} of ${plural(scenarios, "scenario")}`;
  return h("section", { class: "group cause" },
    h("div", { class: "about" },
      h("h3", null, first.scenario),
      titleLine(first),
      h("p", { class: "quiet" }, first.axis),
      whyLine(first),
      // Earlier versions say only what the scenario guards.
      guardList(first.signature ? first.caught_by ?? [] : first.guards)),
    h("div", { class: "cards" },
      others.length > 0 ? h("p", { class: "what" }, causeWords(cause), h("span", { class: "quiet" }, ` in ${count}`)) : null,
      caseFailure(recording, first),
      others.length > 0 ? otherCases(recording, others) : null));
}

// The cases that have the same cause, each of which opens to all that is told of it.
function otherCases(recording, others) {
  const line = (it) => h("li", null, fold([h("b", null, it.scenario), " ", h("span", { class: "lane" }, family(it.lane)), ` n = ${number(it.n)}`,
    it.smallest ? [", smallest ", number(it.smallest.fails)] : null, ": ", prose(it.message)], () => caseFailure(recording, it, false)));
  const [some, rest] = others.length > NAMED + 2 ? [others.slice(0, NAMED), others.slice(NAMED)] : [others, []];
  return h("div", { class: "others" },
    h("p", { class: "part" }, `The same cause${others.length > 1 ? `, ${plural(others.length, "case")}` : ""}:`),
    h("ul", null, some.map(line)),
    rest.length > 0 ? fold(`${plural(rest.length, "case")} more`, () => h("ul", null, rest.map(line))) : null);
}

function causeList(recording, records) {
  return causesOf(recording, records).map((it) => causeCard(recording, it));
}
