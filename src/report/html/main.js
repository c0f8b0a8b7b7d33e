// The page is put together.

// What is wrong, and the rest: of several recordings, what is wrong in any of
// them stands before all else.
function sectionsOf(recording) {
  const card = recording.kind === "climb" ? climbFailure : caseFailure;
  const records = recording.kind === "climb" ? recording.climbs : recording.cases;
  const sections = [
    notLoaded(recording),
    troubles(recording, records, card),
    recording.kind === "compare" ? [changeSections(recording), unusable(recording)] : null,
    heatSection(recording),
    caseSection(recording),
    climbSection(recording),
    lookSection(recording),
    probeSection(recording),
    pastSections(recording),
  ].flat(Infinity).filter(Boolean);
  for (const section of sections) section.dataset.recording = recording.id;
  const isWrong = (it) => WRONG.includes(it.id.slice(recording.id.length + 1));
  return { wrong: sections.filter(isWrong), others: sections.filter((it) => !isWrong(it)) };
}

// The sections that stand first, whichever recording they are of.
const WRONG = ["unloaded", "failures", "drifted", "fixed", "regressions"];

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
  add(head, [one ? heading(recordings[0], "h1") : overview(recordings)]);
  main.replaceChildren();
  const parts = recordings.map((recording) => [recording, sectionsOf(recording)]);
  for (const [recording, { wrong }] of parts) {
    // A heading says of which recording it is.
    if (!one) for (const section of wrong) section.querySelector("h2").append(h("small", { class: "file" }, recording.name));
    add(main, wrong);
  }
  for (const [recording, { others }] of parts) {
    if (one) add(main, others);
    else {
      add(main, [h("div", { class: "recording", id: recording.id, tabindex: "-1" },
        h("h2", { class: "file" }, recording.name, h("small", null, kindWords[recording.kind])), heading(recording, "h3"), others)]);
    }
  }
  add(head, [essence(), guide(), contents(main, recordings)]);
  document.title = `${one ? sentence(recordings[0])[1] : `${recordings.length} recordings`} · vera-stress`;
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
