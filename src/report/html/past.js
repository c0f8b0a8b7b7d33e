// A history: what changed, each scenario over time, and the runs.

// What a scenario has come to, of all its lanes: the newest of each.
const newest = (all) => all.map((it) => it.points.at(-1));

const RANKS = ["bad", "note", "known", "none", "good"];
const worstOf = (points) => [...points].sort((a, b) => RANKS.indexOf(kindOf(a.verdict)) - RANKS.indexOf(kindOf(b.verdict)))[0].verdict;

// With these, what was counted is the cost of the whole program.
const RETURNED = ["pass", "growth", "fixed", "known"];

// Where a verdict or a count is another than in the run before with the same n and
// seed.
function changesOf(series) {
  const before = new Map();
  const changes = [];
  for (const point of series.points) {
    const last = before.get(likeness(point));
    before.set(likeness(point), point);
    if (!last) continue;
    const counts = !RETURNED.includes(last.verdict) || !RETURNED.includes(point.verdict) ? [] : TRENDS.filter(({ key }) => last[key] > 0 && point[key] > 0 && last[key] !== point[key]);
    if (last.verdict !== point.verdict || counts.length > 0) changes.push({ series, last, point, counts });
  }
  return changes;
}

const percent = (before, now) => {
  const share = (100 * (now - before)) / before;
  if (Math.abs(share) < 0.05) return share > 0 ? "less than 0.1% up" : "less than 0.1% down";
  return `${share > 0 ? "+" : ""}${Math.abs(share) < 10 ? share.toFixed(1) : number(Math.round(share))}%`;
};

function pastChange({ last, point, counts }) {
  return [
    last.verdict === point.verdict ? null : [verdict(last.verdict), " → ", verdict(point.verdict), " "],
    counts.map((cost, place) => `${place ? ", " : ""}${cost.name} ${cost.exact(last[cost.key])} → ${cost.exact(point[cost.key])} (${percent(last[cost.key], point[cost.key])})`),
  ];
}

// The changes, the newest first.
function pastChanges(recording) {
  const veraOf = new Map(recording.runs.map((it) => [it.run, it.vera]));
  const all = recording.series.flatMap(changesOf).sort((a, b) => b.point.run - a.point.run);
  const line = (it) => h("li", null,
    h("div", { class: "since" }, `run ${it.point.run} (${veraOf.get(it.point.run)})`),
    h("div", null, h("b", null, link(`${recording.id}-${it.series.scenario}`, `${it.series.scenario} [${it.series.lane}] ${it.series.climbs ? "climb" : `n = ${number(it.point.n)}`}`)), " ", pastChange(it),
      h("small", { class: "quiet" }, ` compared with run ${it.last.run} (${veraOf.get(it.last.run)})`)));
  const title = `What changed (${all.length})`;
  const [some, rest] = [all.slice(0, 40), all.slice(40)];
  return h("section", { id: `${recording.id}-changes`, "data-title": title, tabindex: "-1" }, h("h2", null, title),
    all.length === 0 ? h("p", null, "No verdict and no count is another than in a run before with the same n and seed.") : h("ul", { class: "changes" }, some.map(line)),
    rest.length > 0 ? fold(`${plural(rest.length, "older change")}`, () => h("ul", { class: "changes" }, rest.map(line))) : null);
}

// What the last change of instructions in lane native was, for the table.
function lastChange(all) {
  const changes = all.flatMap(changesOf).filter((it) => it.counts.length > 0);
  return changes.sort((a, b) => a.point.run - b.point.run).at(-1);
}

function pastScenarios(recording) {
  const rows = [...Map.groupBy(recording.series, (it) => it.scenario)].map(([scenario, all]) => ({ scenario, all }));
  const change = (row) => (row.change ??= lastChange(row.all) ?? null);
  return h("section", { id: `${recording.id}-scenarios`, "data-title": "Each scenario over time", class: "wide", tabindex: "-1" },
    h("h2", null, "Each scenario over time"),
    h("p", null, "A row opens to a chart of each count in each lane, over the runs from left to right. ✕ failed, ≈ is a known limit. Points are joined where n and seed are the same; counts are exact, so that a step is a change."),
    smartTable({
      id: recording.id,
      place: `${recording.id}-scenarios`,
      label: "Each scenario over time",
      noun: "scenario",
      rows,
      columns: [
        { key: "scenario", title: "scenario", of: (it) => it.scenario, cell: (it) => it.scenario },
        { key: "verdict", title: "at last", of: (it) => worstOf(newest(it.all)), cell: (it) => verdict(worstOf(newest(it.all))) },
        byNumber("runs", "runs", (it) => new Set(it.all.flatMap((one) => one.points.map((point) => point.run))).size, number),
        { key: "lanes", title: "lanes", of: (it) => it.all.map((one) => one.lane).join(" "), cell: (it) => [...new Set(it.all.map((one) => one.lane))].join(", ") },
        { key: "change", title: "last change of a count", of: (it) => change(it)?.point.run, cell: (it) => cell(change(it), (found) => `run ${found.point.run} [${found.series.lane}]: ${found.counts.map((cost) => `${cost.name} ${percent(found.last[cost.key], found.point[cost.key])}`).join(", ")}`) },
      ],
      filters: [{ key: "verdict", title: "at last", of: (it) => worstOf(newest(it.all)) }],
      text: (it) => `${it.scenario} ${it.all.map((one) => one.lane).join(" ")}`,
      anchor: (it) => `${recording.id}-${it.scenario}`,
      detail: (it) => h("div", null, it.all.map((one) => trend(recording, one)), fold("All of it as a table", () => trendTable(recording, it.all))),
    }));
}

function pastRuns(recording) {
  const lines = [...recording.runs].reverse().map((it) => h("tr", null,
    h("th", { scope: "row" }, number(it.run)), h("td", null, moment(it.started)), h("td", null, it.kind),
    h("td", null, it.toolchain === it.vera ? it.vera : `${it.vera} (${it.toolchain})`), h("td", null, it.kind === "run" ? it.profile : ""),
    h("td", { class: "prose" }, cameOf(it))));
  return h("section", { id: `${recording.id}-runs`, "data-title": `Runs (${recording.runs.length})`, tabindex: "-1" }, h("h2", null, `Runs (${recording.runs.length})`),
    scroller("Runs", table("plain", h("caption", { class: "unseen" }, "Runs"), ["run", "when", "kind", "Vera", "profile", "what came of it"], lines)));
}

function cameOf(run) {
  const noun = run.kind === "climb" ? "climb" : "case";
  if (!run.summary) return `not finished: ${number(run.recorded)} of ${plural(run.planned, noun)} recorded`;
  const { summary } = run;
  const counts = ["failed", "fixed", "known", "unsupported", "not_run"].filter((it) => summary[it] > 0).map((it) => `${number(summary[it])} ${it.replace("_", " ")}`);
  return `${plural(summary.cases, noun)}: ${[`${number(summary.passed)} passed`, ...counts].join(", ")} in ${seconds(summary.seconds)}${summary.interrupted ? ", interrupted" : ""}`;
}

function pastSections(recording) {
  if (recording.kind !== "history") return null;
  return [pastChanges(recording), pastScenarios(recording), pastRuns(recording)];
}
