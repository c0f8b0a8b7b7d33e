// The page is put together.

function sectionsOf(recording) {
  const card = recording.kind === "climb" ? climbFailure : caseFailure;
  const records = recording.kind === "climb" ? recording.climbs : recording.cases;
  return [
    troubles(recording, records, card),
    recording.kind === "compare" ? [changeSections(recording), unusable(recording)] : null,
    heatSection(recording),
    caseSection(recording),
    climbSection(recording),
    lookSection(recording),
    probeSection(recording),
  ];
}

async function open() {
  const recordings = [];
  for (const element of document.querySelectorAll("script.recording")) {
    recordings.push(new Recording(element.dataset.name, await unpack(element), recordings));
  }
  view.read();
  const head = document.getElementById("head");
  const main = document.getElementById("results");
  const one = recordings.length === 1;
  add(head, [h("div", { class: "top" }, h("p", { class: "brand" }, "vera-stress"), theme())]);
  if (one) add(head, [heading(recordings[0], "h1")]);
  else add(head, [h("h1", null, `${recordings.length} recordings`)]);
  main.replaceChildren();
  for (const recording of recordings) {
    const sections = sectionsOf(recording);
    if (one) add(main, sections);
    else add(main, [h("div", { class: "recording", id: recording.id, tabindex: "-1" }, heading(recording, "h2"), sections)]);
  }
  add(head, [guide(), contents(main)]);
  document.title = `${recordings.map((it) => sentence(it)[1]).join("; ")} · vera-stress`;
  add(document.getElementById("foot"), [h("p", null, "Made by vera-stress. This page holds everything that was recorded and loads nothing. Its charts are drawn by Observable Plot and D3, whose licences stand in its source.")]);
  view.show();
  addEventListener("hashchange", () => { view.read(); view.show(); });
  document.documentElement.dataset.ready = "";
  performance.mark("drawn");
}

open().catch((why) => {
  const text = `This page could not be drawn: ${why.message ?? why}. A browser of 2024 or later can.`;
  document.getElementById("results").replaceChildren(h("p", { class: "warning", role: "alert" }, text));
  throw why;
});
