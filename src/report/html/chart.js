// Charts are drawn when they come into view, and before the page is printed.

const waiting = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) draw(target);
}, { rootMargin: "400px" });

function draw(place) {
  const make = waiting.get(place);
  if (!make) return;
  waiting.delete(place);
  watcher.unobserve(place);
  place.replaceChildren(make(place.clientWidth));
}

addEventListener("beforeprint", () => {
  for (const place of [...waiting.keys()]) if (place.isConnected && place.checkVisibility()) draw(place);
});

// A place of this height, for what `make` draws in so many pixels of width.
function later(height, make) {
  const place = h("div", { class: "drawn", style: `min-height:${height}px` });
  waiting.set(place, make);
  watcher.observe(place);
  return place;
}

// As wide as wanted, where there is room: a chart that is scaled down cannot be read.
const fitting = (room, wanted) => Math.max(260, Math.min(room || wanted, wanted));

// A chart whose label says in words what it shows.
function chart(label, options) {
  const svg = Plot.plot({ style: { background: "none", overflow: "visible", fontSize: "11px" }, ...options });
  // The label says what the whole shows; those of the parts name what they are
  // drawn with.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return svg;
}

// The marks of a logarithmic axis: powers of ten, or of two where bytes are meant,
// at most so many.
function steps(low, high, most, base = 10) {
  const [first, last] = [low, high].map((it) => Math.log(it) / Math.log(base));
  const every = Math.max(1, Math.ceil((Math.floor(last + 1e-9) - Math.ceil(first)) / (most - 1)));
  const marks = [];
  for (let power = Math.ceil(first); power <= last + 1e-9; power += every) marks.push(base ** power);
  if (marks.length >= 2 || base === 2) return marks;
  return [1, 2, 5, 10, 20, 50].map((it) => it * base ** Math.floor(first)).filter((it) => it >= low && it <= high);
}

// The marks of a plain axis of bytes.
function evenBytes(most) {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(most, 1) / 5)));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, place) => place * step);
}

const LINES = {
  measured: "var(--ink)",
  fit: "var(--accent)",
  declared: "var(--quiet)",
  ceiling: "var(--good)",
  fails: "var(--bad)",
};

function legend(entries) {
  return h("ul", { class: "legend" }, entries.map(([kind, text]) =>
    h("li", null, h("span", { class: `key ${kind}`, "aria-hidden": "true" }), text)));
}
