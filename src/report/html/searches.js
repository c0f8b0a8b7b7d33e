// A check of known limits, and a bisection.

function lookSection(recording) {
  if (recording.looks.length === 0) return null;
  const words = { fails: "fails as it says", passes: "does not fail", "fails-otherwise": "fails in another way", unknown: "cannot be told" };
  const means = (it) => (it.covered && ["passes", "fails-otherwise"].includes(it.found) ? "stale" : !it.covered && it.found === "fails" ? "holds here too" : it.found === "unknown" ? "unknown" : it.covered ? "holds" : "elsewhere");
  const sign = (it) => h("span", { class: `verdict ${{ stale: "bad", unknown: "note", holds: "good" }[means(it)] ?? "none"}` }, means(it));
  return h("section", { id: `${recording.id}-limits`, "data-title": "Known limits", tabindex: "-1" }, h("h2", null, "Known limits"), smartTable({
    id: recording.id,
    place: `${recording.id}-limits`,
    label: "Known limits",
    noun: "look",
    rows: recording.looks,
    columns: [
      { key: "scenario", title: "scenario", of: (it) => it.scenario, cell: (it) => it.scenario },
      { key: "means", title: "limit", of: means, cell: sign },
      { key: "limit", title: "which", of: (it) => it.limit, cell: (it) => it.limit },
      { key: "vera", title: "Vera", of: (it) => it.vera, cell: (it) => it.vera },
      { key: "lane", title: "lane", of: (it) => it.lane, cell: (it) => family(it.lane) },
      byNumber("n", "n", (it) => it.n, number),
      { key: "found", title: "found", of: (it) => it.found, cell: (it) => words[it.found] ?? it.found },
    ],
    filters: [{ key: "means", title: "limit", of: means }, { key: "vera", title: "Vera", of: (it) => it.vera }],
    text: (it) => `${it.scenario} ${it.limit} ${it.vera} ${it.lane} ${it.message}`,
    // Several limits of one scenario may be looked at on one version.
    anchor: (it) => `${recording.id}-${recording.looks.indexOf(it) + 1}-${it.scenario}`,
    detail: (it) => h("div", null, h("p", { class: "message" }, prose(it.message)), facts([["again", command(it.again)], ["written in", h("code", null, it.file)]]), everything(it)),
  }));
}

function probeSection(recording) {
  if (recording.probes.length === 0) return null;
  const kind = { bad: "bad", good: "good", skip: "none" };
  return h("section", { id: `${recording.id}-probes`, "data-title": "What was looked at", tabindex: "-1" }, h("h2", null, "What was looked at"),
    h("ol", { class: "probes" }, recording.probes.map((probe) => h("li", null,
      h("h3", null, h("span", { class: `verdict ${kind[probe.came] ?? "none"}` }, h("span", { "aria-hidden": "true" }, SIGNS[kind[probe.came]] ?? "–"), ` ${probe.came}`), ` ${probe.version}`, probe.subject ? ` ${probe.subject}` : ""),
      h("p", { class: "message" }, prose(probe.why)),
      probe.notes.map((it) => h("p", { class: "quiet" }, it)),
      probe.again.map(command),
      fold("Everything recorded about this look", () => recorded(probe, ["event", "case"])),
      probe.case ? fold("The case on it", () => caseDetail(recording, probe.case)) : null))));
}
