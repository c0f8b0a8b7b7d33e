// What is not as it should be, first: by scenario, since one cause mostly shows
// in several lanes.

const ISSUES = "https://github.com/aallan/vera/issues/";

function guardList(guards) {
  if (guards.length === 0) return null;
  return h("ul", { class: "guards" }, guards.map((guard) => h("li", null,
    guard.issue ? [h("a", { href: ISSUES + guard.issue, rel: "noreferrer" }, `#${guard.issue}`), " "] : null,
    h("b", null, prose(guard.class)), guard.history ? [". ", h("span", { class: "quiet" }, prose(guard.history))] : null)));
}

function budgetWords(budget) {
  if (!budget) return null;
  return [seconds(budget.wall), `${bytes(budget.memory)} of memory`, `${bytes(budget.output)} of output`, `${compact(budget.instructions)} instructions`].join(", ");
}

function smallestWords(record) {
  const { smallest } = record;
  if (!smallest) return null;
  const there = smallest.message ? [h("br"), "there: ", prose(smallest.message)] : null;
  return [h("b", null, threes(smallest.text)), ` in ${plural(smallest.probes, "probe")}`, there];
}

function caseFailure(recording, record, isFirst = true) {
  const at = textPlaces(recording, record);
  const card = h("article", { class: "failure", id: `${recording.anchor(record)}-failure` },
    h("h4", null, verdict(record.verdict), h("span", { class: "lane" }, family(record.lane)), h("span", { class: "scale" }, `n = ${number(record.n)}`)),
    h("p", { class: "message" }, prose(record.message || MEANINGS[record.verdict])),
    facts([
      ["smallest failing n", smallestWords(record)],
      ["again", command(record.again)],
      ["folder", record.folder ? h("code", null, record.folder) : null],
      ["budget", budgetWords(record.budget)],
    ]),
    record.ending?.how === "corrupt" || record.ending?.how === "trapped"
      ? fold(record.ending.how === "corrupt" ? storyTitle(record.ending.finding) : `The trap and its ${plural(record.ending.frames.length, "frame")}`, () => ending(record.ending, record.folder, at), record.ending.how === "corrupt")
      : ending(record.ending, record.folder),
    evidence(recording, record, isFirst),
    record.heap_life ? fold("The heap over its life", () => lifeFigure(record.heap_life, record.scenario)) : null,
    h("p", { class: "more" }, link(recording.anchor(record), "all its numbers")));
  return card;
}

function climbFailure(recording, record) {
  return h("article", { class: "failure", id: `${recording.anchor(record)}-failure` },
    h("h4", null, verdict(record.verdict), h("span", { class: "lane" }, family(record.lane)), h("span", { class: "scale" }, ceilingWords(record))),
    h("p", { class: "message" }, prose(record.message || record.end.text)),
    facts([
      ["why no higher", record.end.text === record.message ? null : prose(record.end.text)],
      ["again", command(record.again)],
    ]),
    climbCharts(record),
    h("p", { class: "more" }, link(recording.anchor(record), "all its numbers")));
}

// One block a scenario: what it guards once, and each of its failures.
function failureGroups(recording, records, card) {
  const groups = Map.groupBy(records, (it) => it.scenario);
  return [...groups].map(([scenario, group]) => h("section", { class: "group" },
    h("div", { class: "about" },
      h("h3", null, scenario),
      titleLine(group[0]),
      h("p", { class: "quiet" }, group[0].axis),
      whyLine(group[0]),
      guardList(group[0].guards)),
    h("div", { class: "cards" }, group.map((it, place) => card(recording, it, place === 0)))));
}

function known(recording, records) {
  const cause = (record) => /\(known: ([^]*)\)$/.exec(record.message)?.[1] ?? record.message;
  // A climb fails by what ended it, by what grew, or by both.
  const how = (it) => {
    if (!it.end) return [it.fails_as];
    const grew = it.excesses.length > 0 ? `growth: ${it.excesses.map((excess) => costName(excess.cost)).join(", ")}` : null;
    return [it.end.by in MEANINGS && it.end.by !== "not-run" ? it.end.by : null, grew];
  };
  const kinds = (group) => [...new Set(group.flatMap(how).filter(Boolean))].join("; ");
  const groups = [...Map.groupBy(records, (it) => `${it.scenario}\n${cause(it)}`).values()];
  const lines = groups.map((group) => h("tr", null,
    h("th", { scope: "row" }, link(recording.anchor(group[0]), group[0].scenario), titleLine(group[0])),
    h("td", null, group.map((it, place) => [place ? ", " : "", link(recording.anchor(it), family(it.lane))])),
    h("td", null, kinds(group)),
    h("td", { class: "prose" }, prose(cause(group[0])))));
  const caption = h("caption", { class: "unseen" }, "Known limits");
  return scroller("Known limits", table("plain", caption, ["scenario", "lanes", "fails as", "because"], lines));
}

function drifts(recording, records) {
  const lines = records.flatMap((record) => record.drifts.map((drift) => h("li", null,
    h("b", null, link(recording.anchor(record), `${record.scenario} [${family(record.lane)}] n=${number(record.n)}`)),
    ` ${drift.what} ${number(drift.now)}, was ${number(drift.before)} in run ${drift.run} (Vera ${drift.vera})`,
    drift.ratio ? `: ${short(drift.ratio)} times as ${drift.what === "instructions" ? "many" : "much"}` : "", `; ${drift.allowed} more is allowed`, h("div", null, command(drift.again)))));
  return h("ul", { class: "changes" }, lines);
}

const FAILED = (it) => kindOf(it.verdict) === "bad";

// `17 cases of 10 scenarios`: its table has a row for each scenario and cause.
function scopeOf(records) {
  const scenarios = new Set(records.map((it) => it.scenario)).size;
  const all = plural(records.length, records[0].end ? "climb" : "case");
  return scenarios === records.length ? all : `${all} of ${plural(scenarios, "scenario")}`;
}

// `16 cases, 2 causes`.
function failureWords(recording, failed) {
  const { length } = causesOf(recording, failed);
  return length === failed.length ? number(length) : `${plural(failed.length, "case")}, ${plural(length, "cause")}`;
}

// What could not be loaded: nothing of it was examined.
function notLoaded(recording) {
  const all = recording.info.unloaded ?? [];
  if (all.length === 0) return null;
  const title = `Could not be loaded (${all.length})`;
  return h("section", { id: `${recording.id}-unloaded`, "data-title": title, tabindex: "-1" }, h("h2", null, title),
    h("p", null, "Nothing of these scenarios was examined."),
    h("ul", { class: "changes" }, all.map((it) => h("li", null,
      h("b", null, h("code", null, it.line ? `${it.file}:${it.line}` : it.file)),
      h("p", { class: "message" }, prose(it.what)), it.next ? h("p", { class: "quiet" }, "next: ", prose(it.next)) : null))));
}

// The sections about what is not as it should be.
function troubles(recording, records, card) {
  const of = (test) => records.filter(test);
  const failed = of(FAILED);
  const fixed = of((it) => it.verdict === "fixed");
  const notRun = of((it) => it.verdict === "not-run");
  const drifted = of((it) => it.drifts?.length > 0);
  const limits = of((it) => it.verdict === "known");
  const section = (name, title, body) => h("section", { id: `${recording.id}-${name}`, "data-title": title, tabindex: "-1" }, h("h2", null, title), body);
  return [
    failed.length > 0 && (recording.kind === "run"
      ? section("failures", `Failures (${failureWords(recording, failed)})`, causeList(recording, failed))
      : section("failures", `Failures (${failed.length})`, failureGroups(recording, failed, card))),
    drifted.length > 0 && section("drifted", `Counts that went up (${drifted.length})`, drifts(recording, drifted)),
    fixed.length > 0 && section("fixed", `Known limits that no longer fail (${fixed.length})`,
      [h("p", null, "Take the limit out of the scenario: what it declares is no longer so."), failureGroups(recording, fixed, card)]),
    notRun.length > 0 && section("not-run", `Not run (${notRun.length})`, failureGroups(recording, notRun, card)),
    limits.length > 0 && section("known", `Known limits (${scopeOf(limits)})`,
      [h("p", null, "Each fails as its scenario declares, for a cause that is understood."), known(recording, limits)]),
  ];
}
