// A scenario over the runs of a history: a chart for each count in each lane, with
// what failed marked.

const TRENDS = [
  { key: "instructions", name: "instructions", words: compact, exact: number },
  { key: "heap", name: "heap", words: bytes, exact: bytes },
  { key: "collections", name: "collections", words: compact, exact: number },
  { key: "ceiling", name: "ceiling", words: compact, exact: number },
];

// Counts of runs with another n, or of a lane with another seed, are not comparable.
// Where versions are compared, a known limit is judged as any other failure.
const likeness = (point) => `${point.n ?? "climb"} ${point.seed ?? ""} ${["compare", "bisect"].includes(point.kind) ? "compared" : ""}`;

// The n that most of the runs have, the newer where two are as many.
function usualN(points) {
  const groups = [...Map.groupBy(points, (it) => it.n)].reverse();
  return groups.reduce((one, other) => (other[1].length > one[1].length ? other : one))[0];
}

// How a verdict stands in a chart, and on the strip below it.
const MARKS = { bad: "var(--bad)", known: "var(--known)", note: "var(--note)", none: "var(--none)" };

function trendPanel(recording, series, cost, points) {
  const known = points.filter((it) => it[cost.key] > 0);
  const runs = recording.runs.map((it) => it.run);
  const amounts = known.map((it) => it[cost.key]);
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  const isLog = high / low > 10;
  const failed = points.filter((it) => kindOf(it.verdict) !== "good");
  const foot = isLog ? low / 1.6 : 0;
  // The Vera is named where it is another than in the run before.
  const veraOf = new Map(recording.runs.map((it) => [it.run, it.vera]));
  const turns = recording.runs.filter((it, place) => place === 0 || recording.runs[place - 1].vera !== it.vera).map((it) => it.run);
  const shown = turns.filter((it, place) => place === 0 || turns.length < 8 || place % Math.ceil(turns.length / 7) === 0);
  const ends = [known[0], known.at(-1)];
  const change = ends[0] === ends[1] || likeness(ends[0]) !== likeness(ends[1]) ? "" : ends[0][cost.key] === ends[1][cost.key] ? ", the same in the first and the last run" : `, ${cost.exact(ends[0][cost.key])} in run ${ends[0].run} and ${cost.exact(ends[1][cost.key])} in run ${ends[1].run}`;
  const words = `${cost.name} over ${plural(known.length, "run")}${change}${failed.length > 0 ? `; not as expected in ${plural(failed.length, "run")}` : ""}`;
  return h("figure", { class: "panel" },
    h("figcaption", null, h("b", null, cost.name), h("span", null, low === high ? cost.exact(high) : `${cost.exact(low)} to ${cost.exact(high)}`)),
    later(130, (room) => chart(`${series.scenario} [${series.lane}]: ${words}`, {
      width: fitting(room, 330), height: 130, marginLeft: 58, marginBottom: 24, marginTop: 12, marginRight: 14,
      x: { type: "point", domain: runs, axis: null },
      y: { type: isLog ? "log" : "linear", domain: isLog ? [foot, high * 1.6] : [0, high * 1.15], axis: null },
      marks: [
        isLog ? Plot.axisY(steps(foot, high * 1.6, 4, cost.key === "heap" ? 2 : 10), { text: cost.words, label: null }) : Plot.axisY(cost.key === "heap" ? evenBytes(high * 1.15) : { ticks: 3 }, { text: cost.words, tickFormat: cost.words, label: null }),
        Plot.ruleY([foot], { stroke: "var(--line)" }),
        Plot.axisX(shown, { text: (run) => veraOf.get(run), label: null }),
        Plot.line(known, { x: "run", y: cost.key, z: likeness, stroke: LINES.fit, strokeWidth: 1.5 }),
        Plot.dot(known, { x: "run", y: cost.key, r: 2.4, fill: LINES.measured }),
        Plot.text(failed, { x: "run", y: (it) => it[cost.key] || foot, text: (it) => SIGNS[kindOf(it.verdict)], fill: (it) => MARKS[kindOf(it.verdict)], fontSize: 15, fontWeight: "bold", dy: -9 }),
      ],
    })));
}

// What came of it in each run, as signs: a trend that has no counts has this.
function verdictStrip(recording, points) {
  const runOf = new Map(recording.runs.map((it) => [it.run, it]));
  return h("ol", { class: "verdicts" }, points.map((it) => {
    const words = `run ${it.run}, Vera ${runOf.get(it.run)?.vera}: ${it.verdict}`;
    return h("li", { class: `verdict ${kindOf(it.verdict)}`, title: it.message ? `${words}: ${it.message}` : words }, h("span", { "aria-hidden": "true" }, SIGNS[kindOf(it.verdict)]), h("span", { class: "unseen" }, words));
  }));
}

// One lane of a scenario, or its climbs.
function trend(recording, series) {
  const n = usualN(series.points);
  const points = series.points.filter((it) => it.n === n);
  const others = series.points.length - points.length;
  const drawn = TRENDS.filter((cost) => points.filter((it) => it[cost.key] > 0).length > 0);
  return h("div", { class: "trend" },
    h("h4", null, h("span", { class: "lane" }, series.lane), h("span", { class: "scale" }, series.climbs ? "climbs" : `n = ${number(n)}`),
      others > 0 ? h("span", { class: "scale" }, `${plural(others, "run")} at another n ${others === 1 ? "is" : "are"} in the table`) : null),
    verdictStrip(recording, points),
    drawn.length > 0 ? h("div", { class: "panels" }, drawn.map((cost) => trendPanel(recording, series, cost, points)))
      : h("p", { class: "quiet" }, "Nothing is counted in this lane."));
}

function trendTable(recording, all) {
  const runOf = new Map(recording.runs.map((it) => [it.run, it]));
  const costs = TRENDS.filter((cost) => all.some((it) => it.points.some((point) => point[cost.key] > 0)));
  const heads = ["run", "when", "Vera", "lane", "n", "verdict", ...costs.map(numericHead), "message"];
  const lines = all.flatMap((series) => series.points.map((it) => h("tr", null,
    h("th", { scope: "row" }, number(it.run)), h("td", null, moment(runOf.get(it.run)?.started)), h("td", null, runOf.get(it.run)?.vera),
    h("td", null, it.seed ? `${series.lane}=${it.seed}` : series.lane), h("td", null, it.n === undefined ? "climb" : number(it.n)), h("td", null, verdict(it.verdict)),
    costs.map((cost) => h("td", { class: "numeric" }, cell(it[cost.key], number))), h("td", { class: "prose" }, prose(it.message)))));
  return scroller("What each run recorded", table("plain", h("caption", null, "What each run recorded"), heads, lines));
}
