// All cases of a run.

const cell = (value, words) => (value === null || value === undefined ? h("span", { class: "none" }, "–") : words(value));

// The scenario's own line, below its name. Older recordings have none.
const titleLine = (record) => (record.title ? h("small", { class: "title quiet" }, prose(record.title)) : null);

const whyLine = (record) => (record.why ? h("p", { class: "why quiet" }, prose(record.why)) : null);

// What a program took: nothing is known of one that never began, and a run takes
// some time and memory, so that a zero there was never measured.
const began = (record) => record.ending && !["rejected", "invalid-module", "unsupported"].includes(record.ending.how) && record.ending.doing !== "compiling";
const used = (record, key) => (began(record) ? record.run?.[key] || null : null);
const counted = (record, key) => (began(record) && record.measures?.instructions ? record.measures[key] : null);

const byNumber = (key, title, of, words) => ({ key, title, of, numeric: true, cell: (row) => cell(of(row), words) });

function caseColumns() {
  return [
    { key: "scenario", title: "scenario", of: (it) => it.scenario, cell: (it) => it.scenario },
    { key: "verdict", title: "verdict", of: (it) => it.verdict, cell: (it) => verdict(it.verdict) },
    { key: "lane", title: "lane", of: (it) => it.lane, cell: (it) => family(it.lane) },
    { key: "axis", title: "axis", of: (it) => it.axis, cell: (it) => it.axis },
    byNumber("n", "n", (it) => it.n, number),
    byNumber("time", "time", (it) => used(it, "wall"), seconds),
    byNumber("memory", "memory", (it) => used(it, "peak_memory"), bytes),
    byNumber("instructions", "instructions", (it) => counted(it, "instructions"), compact),
    byNumber("heap", "heap", (it) => counted(it, "heap"), bytes),
    byNumber("collections", "collections", (it) => counted(it, "collections"), number),
  ];
}

const numericHead = (it) => h("th", { scope: "col", role: "columnheader", class: "numeric" }, it.name, it.unit ? h("small", null, ` ${it.unit}`) : null);

// The costs at several n, exactly.
function pointsTable(points, title) {
  const costs = COSTS.filter((cost) => series(cost, points).length > 0);
  const heads = ["n", ...costs.map(numericHead)];
  const lines = points.map((point) => h("tr", null, h("th", { scope: "row" }, number(point.n)),
    costs.map((cost) => h("td", { class: "numeric" }, cell(cost.of(point), number)))));
  return scroller(title, table("plain", h("caption", null, title), heads, lines));
}

function hostCalls(measures) {
  const list = Object.entries(measures?.host_calls ?? {});
  return list.length === 0 ? null : list.map(([name, times]) => `${name} ${number(times)}`).join(", ");
}

function caseDetail(recording, record) {
  return h("div", null,
    titleLine(record), whyLine(record),
    record.message ? h("p", { class: "message" }, prose(record.message)) : null,
    facts([
      ["ended", endingInShort(record.ending)],
      ["smallest failing n", smallestWords(record)],
      ["again", command(record.again)],
      ["folder", record.folder ? h("code", null, record.folder) : null],
      ["budget", budgetWords(record.budget)],
      ["host calls", hostCalls(record.measures)],
    ]),
    guardList(record.guards),
    ending(record.ending, record.folder),
    record.heap_life ? lifeFigure(record.heap_life, record.scenario) : null,
    record.grown ? pointsTable(record.grown, "What it cost at n/4, n/2 and n") : null,
    everything(record));
}

function caseSection(recording) {
  if (recording.cases.length === 0) return null;
  return h("section", { id: `${recording.id}-cases`, "data-title": "All cases", class: "wide", tabindex: "-1" },
    h("h2", null, "All cases"),
    smartTable({
      id: recording.id,
      place: `${recording.id}-cases`,
      under: titleLine,
      label: "All cases",
      noun: "case",
      rows: recording.cases,
      columns: caseColumns(),
      filters: [
        { key: "verdict", title: "verdict", of: (it) => it.verdict },
        { key: "lane", title: "lane", of: (it) => family(it.lane) },
        { key: "axis", title: "axis", of: (it) => it.axis },
      ],
      text: (it) => `${it.scenario} ${it.title ?? ""} ${it.axis} ${it.lane} ${it.verdict} ${it.message} ${it.guards.map((guard) => `#${guard.issue} ${guard.class}`).join(" ")}`,
      anchor: (it) => recording.anchor(it),
      detail: (it) => caseDetail(recording, it),
    }));
}
