// Who ran what on what, how it came out, and how to read it.

// Why it was this Vera, where nobody named it.
const chosen = {
  configured: "as configured", checkout: "the checkout that this was started in",
  environment: "of the environment that was active", pinned: "the default, as no other was there",
};

function sentence(recording) {
  const { info, end, kind } = recording;
  const on = `Vera ${recording.vera}`;
  switch (kind) {
    case "run": case "climb": {
      const noun = kind === "run" ? "case" : "climb";
      const records = kind === "run" ? recording.cases : recording.climbs;
      const failed = records.filter(FAILED).length;
      const all = end?.cases ?? records.length;
      const drifted = records.filter((it) => it.drifts?.length > 0).length;
      const unloaded = recording.info.unloaded?.length ?? 0;
      if (failed === 0 && unloaded > 0) return ["bad", `${plural(unloaded, "scenario")} could not be loaded for ${on}`];
      if (failed > 0) return ["bad", `${number(failed)} of ${plural(all, noun)} failed on ${on}`];
      if (!end) return ["note", `Nothing failed on ${on}, as far as this recording goes`];
      if (end.interrupted) return ["note", `Nothing failed on ${on} before it was interrupted`];
      if (drifted > 0) return ["bad", `${plural(drifted, noun)} cost${drifted === 1 ? "s" : ""} more than before on ${on}`];
      if (end.fixed > 0) return ["note", `${plural(end.fixed, "known limit")} no longer ${end.fixed === 1 ? "fails" : "fail"} on ${on}`];
      if (end.not_run > 0) return ["note", `${plural(end.not_run, noun)} of ${number(all)} ${end.not_run === 1 ? "was" : "were"} not run on ${on}`];
      if (all === 0) return ["note", `No ${noun} was to be run on ${on}`];
      return ["good", `${all === 1 ? "The one" : "All"} ${plural(all, noun)} came out as expected on ${on}`.replace("The one 1 ", "The one ")];
    }
    case "compare": {
      const columns = info.columns ?? [];
      const over = `${plural(columns.length, "version")} of Vera, ${columns[0]?.name} to ${columns.at(-1)?.name}`;
      if (!end) return ["note", `A comparison of ${over} that did not end`];
      const worse = new Set(end.regressions.map((it) => it.row)).size;
      return worse > 0 ? ["bad", `${plural(worse, "case")} ${worse === 1 ? "is" : "are"} worse than on the first of ${over}`] : ["good", `Nothing is worse than on the first of ${over}`];
    }
    case "known": {
      if (!end) return ["note", "A check of known limits that did not end"];
      return end.stale > 0 ? ["bad", `${plural(end.stale, "known limit")} ${end.stale === 1 ? "is" : "are"} stale`] : ["good", `No known limit is stale: ${number(end.hold)} of ${number(end.limits)} hold`];
    }
    case "history": {
      const scenarios = new Set(recording.series.map((it) => it.scenario)).size;
      return ["plain", `${plural(scenarios, "scenario")} over ${plural(recording.runs.length, "run")}`];
    }
    default: return [end ? "bad" : "note", end?.text ?? `A bisection of ${info.scenario} that did not end`];
  }
}

function circumstances(recording) {
  const { info, end, kind } = recording;
  const records = kind === "run" ? recording.cases : recording.climbs;
  const parts = [];
  const made = info.vera_stress ? `vera-stress ${info.vera_stress}` : "vera-stress";
  if (kind === "run") {
    const count = (of) => new Set(records.map(of)).size;
    parts.push(`${made} ran ${plural(records.length, "case")} on Vera ${info.vera}: ${plural(count((it) => it.scenario), "scenario")} in ${plural(count((it) => family(it.lane)), "lane")}.`);
  } else if (kind === "climb") {
    parts.push(`${made} climbed with ${plural(records.length, "scenario")} on Vera ${info.vera}: each at larger and larger n until it failed or its budget was spent.`);
  } else if (kind === "compare") {
    parts.push(`${made} ran ${plural(recording.rows.length, "case")} on each of ${plural(info.columns.length, "version")} of Vera; a count that differs by less than ${info.allowed} is the same.`);
  } else if (kind === "history") {
    const { runs } = recording;
    const versions = [...new Set(runs.map((it) => it.vera))];
    if (runs.length > 0) parts.push(`${made} read them from ${info.path}: from ${moment(runs[0].started)} to ${moment(runs.at(-1).started)}, on Vera ${versions.join(", ")}.`);
    parts.push(`Of each scenario and lane, the newest ${number(info.limit)} are shown.`);
    return parts.join(" ");
  } else if (kind === "bisect") {
    parts.push(`${made} looked for the ${info.unit} in which ${info.scenario} [${info.lane}] n=${number(info.n)} began to fail, from ${info.good} (good) to ${info.bad} (bad): ${plural(info.versions, info.unit)}.`);
  } else {
    parts.push(`${made} looked at known limits ${plural(recording.looks.length, "time")}, each time on one version of Vera in one lane.`);
  }
  const isNamed = info.toolchain && info.toolchain !== info.vera;
  if (isNamed || chosen[info.chosen]) parts.push(`That Vera is ${[isNamed && info.toolchain, chosen[info.chosen]].filter(Boolean).join(", ")}.`);
  if (info.partition) parts.push(`This is part ${info.partition} of the run.`);
  if (info.ignores_known) parts.push("Known limits count as failures.");
  const of = [
    // Nothing but a run has a profile.
    kind === "run" && info.profile && `profile ${info.profile}`, info.seed !== undefined && `seed ${info.seed}`,
    info.jobs && plural(info.jobs, "job"), info.machine,
  ].filter(Boolean).join(", ");
  const when = info.started ? `It began on ${moment(info.started)}` : "";
  const took = end?.seconds === undefined ? "" : `${when ? " and" : "It"} took ${seconds(end.seconds)}`;
  if (when || took) parts.push(`${when}${took}${of ? ` (${of})` : ""}.`);
  if (info.against) parts.push(`Its counts are held against run ${info.against.run} (Vera ${info.against.vera}).`);
  return parts.join(" ");
}

// How many came to which verdict, as a strip and in words.
function tally(recording) {
  const records = recording.kind === "run" ? recording.cases : recording.climbs;
  if (records.length === 0) return null;
  const table = recording.kind === "run" ? "cases" : "climbs";
  const order = Object.keys(MEANINGS);
  const groups = [...Map.groupBy(records, (it) => it.verdict)].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
  const strip = h("div", { class: "strip", "aria-hidden": "true" }, groups.map(([word, group]) => h("span", { class: kindOf(word), style: `flex-grow:${group.length}` })));
  const words = h("ul", { class: "tally" }, groups.map(([word, group]) => {
    const show = link(`${recording.id}-${table}`, h("b", null, number(group.length)), " ", word);
    show.title = `${MEANINGS[word] ?? ""}; show these`;
    show.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; view.set(`${recording.id}.verdict`, word); view.show(); });
    return h("li", { class: kindOf(word) }, h("span", { "aria-hidden": "true" }, SIGNS[kindOf(word)]), show);
  }));
  return [strip, words];
}

function incomplete(recording) {
  const lines = [];
  if (recording.cut) lines.push("Its last line was cut off, and is left out here; it is in the file.");
  if (!recording.end) {
    const there = recording.cases.length + recording.climbs.length + recording.rows.length;
    const asked = recording.info.cases;
    lines.unshift(`This recording ends before its run did${asked ? `: ${number(there)} of ${number(asked)} are in it` : ""}.`);
  } else if (recording.end.incomplete) lines.push("A part of the run is missing, or did not come to its end.");
  return lines.length === 0 ? null : h("p", { class: "warning" }, h("b", null, "Not whole. "), lines.join(" "));
}

// What a recording is, where a page has several.
const kindWords = { run: "run", climb: "climbs", compare: "comparison", known: "check of known limits", history: "history", bisect: "bisection" };

// All recordings of a page with how they came out, and where each stands.
function overview(recordings) {
  const bad = recordings.filter((it) => sentence(it)[0] === "bad").length;
  return [
    h("h1", null, `${recordings.length} recordings`),
    h("p", { class: "lead" }, bad === 0 ? "Nothing in them failed." : "What failed in any of them stands first, then each of them as a whole."),
    h("ul", { class: "overview" }, recordings.map((it) => {
      const [kind, text] = sentence(it);
      return h("li", { class: kind }, h("span", { "aria-hidden": "true" }, SIGNS[kind]), " ",
        link(it.id, h("b", null, it.name)), ` (${kindWords[it.kind]}): ${text}`);
    })),
  ];
}

function heading(recording, level) {
  const [kind, text] = sentence(recording);
  const button = h("button", { type: "button", class: "save" }, `save ${recording.name}`);
  button.addEventListener("click", () => save(recording.name, recording.content));
  return h("div", { class: "result" },
    h(level, { class: kind }, text),
    h("p", { class: "lead" }, circumstances(recording)),
    incomplete(recording),
    tally(recording),
    h("div", { class: "tools" }, button),
    fold("Everything recorded about it as a whole", () => [
      h("p", { class: "part" }, "How it began"), recorded(recording.info, ["event"]),
      recording.end ? [h("p", { class: "part" }, "How it ended"), recorded(recording.end, ["event"])] : null,
      recording.others.length ? [h("p", { class: "part" }, "Events that this page does not know"), recording.others.map((it) => recorded(it))] : null,
    ]));
}

// The words without which nothing here can be read.
function essence() {
  return h("p", { class: "essence quiet" }, "A ", h("b", null, "scenario"), " is one Vera program with a scale ", h("b", null, "n"),
    ", a ", h("b", null, "lane"), " is how it is run, and a ", h("b", null, "case"), " is one scenario in one lane at one n.");
}

function guide() {
  const verdicts = Object.entries(MEANINGS);
  return h("details", { class: "guide", id: "guide" }, h("summary", null, "How to read this page"),
    h("p", null, "vera-stress finds the scale at which programs in the Vera language break. It runs real Vera programs at scale on the real compiler and runtime, and compares everything that they return and print with an independent computation."),
    h("div", { class: "columns" },
      h("dl", null, GLOSSARY.map(([word, means]) => h("div", null, h("dt", null, word), h("dd", null, means)))),
      h("dl", null, verdicts.map(([word, means]) => h("div", null, h("dt", null, verdict(word)), h("dd", null, means))))));
}

// Light, dark, or as the system has it.
function theme() {
  const chosen = (value) => {
    if (value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
  };
  let kept = "auto";
  // A browser may keep nothing for a page from a file.
  try { kept = localStorage.getItem("vera-stress-theme") ?? "auto"; } catch { kept = "auto"; }
  const select = h("select", { id: "theme" }, ["auto", "light", "dark"].map((it) => h("option", { value: it, selected: it === kept }, it)));
  chosen(kept);
  select.addEventListener("input", () => {
    chosen(select.value);
    try { localStorage.setItem("vera-stress-theme", select.value); } catch { say("The choice is not kept"); }
  });
  return h("label", { class: "theme" }, h("span", null, "colours"), select);
}

function contents(main, recordings) {
  const sections = [...main.querySelectorAll("section[data-title]")];
  const entry = (it) => h("li", null, link(it.id, it.dataset.title));
  if (recordings.length === 1) return h("nav", { "aria-label": "On this page" }, h("ul", null, sections.map(entry)));
  // Of several recordings, each has a line of its own.
  return h("nav", { "aria-label": "On this page" }, h("ul", { class: "lines" }, recordings.map((recording) => h("li", null,
    link(recording.id, h("b", null, recording.name)),
    h("ul", null, sections.filter((it) => it.dataset.recording === recording.id).map(entry))))));
}
