// How a program ended: the story of a block, the frames of a trap, the value.

const address = (value) => `0x${value.toString(16)}`;

// `at` has the place on this page of a line of the module's text, where it is here.
function place({ function: name, file, line }, textLine, at = () => null) {
  const source = file && !file.startsWith("<") ? `${file}${line === null || line === undefined ? "" : `:${line}`}` : file ?? "?";
  if (textLine === null || textLine === undefined) return [h("code", null, name), ` ${source}`];
  const there = at(textLine);
  const text = `module.wat:${textLine}`;
  return [h("code", null, name), ` ${source}, `, there ? link(there, text) : text];
}

function calls(list, at) {
  if (list.length === 0) return h("p", { class: "quiet" }, "No function is known.");
  return h("ol", { class: "calls" }, list.map((call) => h("li", null, place(call.frame, call.text_line, at))));
}

function roots(list, inAll) {
  if (inAll === 0) return "none";
  const leftOut = inAll > list.length ? `the topmost ${list.length} of ${inAll}, ` : `${inAll}, `;
  return [leftOut, "the lowest first: ", h("code", null, list.map(address).join(" "))];
}

// A stack or a heap may be broken without any block at fault.
const storyTitle = (finding) => (finding.blocks.length > 0 ? "The story of the block" : "What the sanitizer saw");

// The first block is the one that is wrong; another is one that it collides with.
function blockName(finding, place) {
  if (finding.blocks.length === 1) return "The block";
  return place === 0 ? "The block that is wrong" : `The other block${finding.blocks.length > 2 ? ` (${place})` : ""}`;
}

// Where the file is that lines of the module are of.
function moduleNote(finding, folder) {
  const all = [finding.calls, ...finding.blocks.flatMap((it) => [it.allocated_by, it.freed?.calls ?? []])].flat();
  if (!all.some((it) => it.text_line)) return null;
  return h("p", { class: "quiet" }, h("code", null, "module.wat"), " is the compiled module as text, ",
    folder ? ["in the failure's folder, ", h("code", null, folder)] : "in the folder that a failure leaves", ".");
}

// The story of what the sanitizer found, in the order in which one asks.
function story(finding, folder, at) {
  const step = (title, ...body) => h("li", null, h("p", { class: "part" }, title), body);
  const steps = [step("What was found", h("p", null, prose(finding.what)), h("p", { class: "quiet" }, "innermost function first:"), calls(finding.calls, at),
    facts([["roots on the shadow stack", roots(finding.roots, finding.roots_in_all)]]))];
  finding.blocks.forEach((block, place) => {
    const which = blockName(finding, place);
    const room = block.capacity === block.size ? "" : `, with room for ${number(block.capacity)}`;
    steps.push(step(`${which}: allocated`,
      h("p", null, `${number(block.size)} bytes at `, h("code", null, address(block.address)), `${room}: allocation ${number(block.allocation)}, by`),
      calls(block.allocated_by, at)));
    if (!block.freed) {
      steps.push(step(`${which}: alive`, h("p", null, "No collection freed it.")));
      return;
    }
    const { collection, allocation, scheduled, calls: by, roots: there, roots_in_all } = block.freed;
    steps.push(step(`${which}: freed`,
      h("p", null, `by collection ${number(collection)}, which ${scheduled ? "the lane's schedule" : "the program's own allocator"} wanted before allocation ${number(allocation)}, in`),
      calls(by, at), facts([["roots on the shadow stack then", roots(there, roots_in_all)]])));
  });
  if (finding.log.length > 0) {
    steps.push(step("Before, the latest last", h("ol", { class: "log", tabindex: "0" }, finding.log.map((it) => h("li", null, it)))));
  }
  return h("div", { class: "story" }, h("p", { class: "part" }, storyTitle(finding)), h("ol", { class: "steps" }, steps), moduleNote(finding, folder));
}

function value(value) {
  if (!isObject(value)) return String(value);
  const [[kind, what]] = Object.entries(value);
  return `${typeof what === "string" && kind !== "int" ? JSON.stringify(what) : isObject(what) || Array.isArray(what) ? JSON.stringify(what) : number(what)} (${kind})`;
}

// How a program ended, with all that there is to say of it.
function ending(end, folder, at) {
  if (!end) return null;
  switch (end.how) {
    case "corrupt": return story(end.finding, folder, at);
    case "trapped": return h("div", null,
      h("p", { class: "part" }, "The trap"),
      h("p", null, h("code", null, end.kind), " ", prose(end.message)),
      h("p", { class: "quiet" }, "innermost frame first:"),
      h("ol", { class: "calls" }, end.frames.map((frame) => h("li", null, place(frame)))));
    case "rejected": case "invalid-module": case "crashed": case "unsupported":
      return h("div", null, h("p", { class: "part" }, `The program: ${end.how}`), h("pre", { tabindex: "0" }, end.message),
        end.said ? fold("All that the compiler said", () => h("pre", { tabindex: "0" }, end.said)) : null);
    default: return null;
  }
}

// The same in a few words.
function endingInShort(end) {
  if (!end) return "not run";
  if (end.how === "returned") {
    const text = value(end.value);
    return `returned ${text.length > 80 ? `${text.slice(0, 80)}…` : text}${end.exit_code === null || end.exit_code === undefined ? "" : `, exit code ${end.exit_code}`}`;
  }
  const doing = end.doing ? ` while ${end.doing}` : "";
  return end.how.replaceAll("-", " ") + doing;
}
