// Climbs: how far each program came, and how its costs grow on the way.

function ceilingWords(record) {
  if (record.ceiling === null) return "no n passes";
  return `ceiling ${record.end.exact ? "" : "at least "}n = ${number(record.ceiling)}`;
}

const growthOf = (record, key) => record.growth.find((it) => it.cost === key);

function exponent(measured) {
  if (!measured?.fit) return null;
  const { exponent, low, high } = measured.fit;
  return h("span", { title: `95% interval ${low.toFixed(2)} to ${high.toFixed(2)}` },
    `n^${exponent.toFixed(2)} `, h("small", null, `(${low.toFixed(2)}–${high.toFixed(2)})`));
}

function growthCell(record, key) {
  const measured = growthOf(record, key);
  const declared = measured?.declared;
  const over = record.excesses.some((it) => it.cost === key);
  return h("span", { class: over ? "over" : null },
    cell(exponent(measured), (it) => it),
    over ? [" ", h("b", null, "too fast")] : null,
    h("small", { class: "due" }, `declared ${shape(declared)}`));
}

// How many times the cost at `n` a shape has at `more`.
function ratio(declared, n, more) {
  const text = typeof declared === "string" ? declared : null;
  const power = text === null ? declared : /n\^([\d.]+)/.exec(text)?.[1] ?? (/^n/.test(text) ? 1 : 0);
  const log = (at) => (text === null ? 1 : Math.log1p(at));
  return (more / n) ** Number(power) * log(more) / log(n);
}

// A process has a cost of its own, which is taken away before these are fitted.
const ABOVE_LEAST = ["time", "compile", "compile-memory"];

// Why there is no exponent. Recordings of earlier versions do not say.
function unnamed(measured, known) {
  if (measured?.unnamed) return measured.unnamed;
  return known.length < 5 ? "too few points to name one" : "too small, or too few points, to name one";
}

// The n that all charts of a climb show, so that they can be read side by side.
function reach(record) {
  const all = record.points.map((it) => it.n).concat(record.ceiling ?? [], record.end.at ?? []);
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const outs = record.growth.map((it) => it.overflow?.at).filter((it) => it && it < 16 * last);
  return [first, Math.max(last, ...outs)];
}

function costPanel(record, cost, measured, [first, right]) {
  const known = series(cost, record.points).filter((it) => it.cost > 0);
  const fitted = measured?.fit && !ABOVE_LEAST.includes(cost.key) ? measured.fit : null;
  const room = record.points.map((it) => cost.room?.(it)).find((it) => it);
  const out = measured?.overflow?.at;
  const grid = Array.from({ length: 33 }, (_, place) => first * (right / first) ** (place / 32));
  const anchor = known.find((it) => it.n >= (fitted?.from ?? 0)) ?? known[0];
  const due = measured && measured.declared !== null
    ? grid.map((n) => ({ n, cost: anchor.cost * ratio(measured.declared, anchor.n, n) })) : [];
  let line = [];
  if (fitted) {
    const used = known.filter((it) => it.n >= fitted.from && it.n <= fitted.to);
    const heights = used.map((it) => Math.log(it.cost) - fitted.exponent * Math.log(it.n)).sort((a, b) => a - b);
    const height = heights[Math.floor(heights.length / 2)];
    line = [fitted.from, right].map((n) => ({ n, cost: Math.exp(height + fitted.exponent * Math.log(n)) }));
  }
  const costs = known.map((it) => it.cost).concat(room && (out || known.at(-1).cost > room / 8) ? [room] : []);
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  const y = [low / 1.6, Math.max(high * 1.6, low * 4)];
  const down = steps(y[0], y[1], 5, cost.unit === "bytes" ? 2 : 10);
  const across = steps(first, right * 1.1, 5);
  const inside = (it) => it.cost >= y[0] && it.cost <= y[1];
  const unit = cost.unit === "bytes" ? bytes : cost.unit === "seconds" ? seconds : compact;
  const fit = measured?.fit;
  // Where the n above the ceiling fails, the two lines stand beside each other.
  const apart = record.ceiling && record.end.at && Math.log(record.end.at / record.ceiling) < 0.02 * Math.log(right / first) ? 1.5 : 0;
  const title = fit ? `n^${fit.exponent.toFixed(2)}` : `no exponent: ${unnamed(measured, known)}`;
  const words = `${cost.name}, ${fit ? `n^${fit.exponent.toFixed(2)} (${fit.low.toFixed(2)} to ${fit.high.toFixed(2)}) measured` : "no exponent measured"}, ${shape(measured?.declared)} declared${out ? `, runs out at about n=${Math.round(out)}` : ""}`;
  const over = record.excesses.some((it) => it.cost === cost.key);
  return h("figure", { class: over ? "panel over" : "panel" },
    h("figcaption", null, h("b", null, cost.name), h("span", null, title, fit ? h("small", null, ` ${fit.low.toFixed(2)}–${fit.high.toFixed(2)}`) : null),
      h("small", { class: "quiet" }, measured && measured.declared !== null ? `declared ${shape(measured.declared)}` : "nothing declared",
        over ? h("b", { class: "over" }, " · too fast") : null,
        out ? ` · full near n = ${number(Math.round(out))}` : null)),
    later(170, () => chart(`${record.scenario}: ${words}`, {
      width: 300, height: 170, marginLeft: 58, marginBottom: 28, marginTop: 10, marginRight: 14,
      x: { type: "log", domain: [first * 0.9, Math.max(right * 1.15, first * 2)], axis: null },
      y: { type: "log", domain: y, axis: null },
      clip: true,
      marks: [
        // The marks of logarithmic axes that Plot makes itself leave labels out.
        Plot.gridY(down), Plot.axisY(down, { text: unit, label: null, clip: false }),
        Plot.axisX(across, { text: compact, label: "n →", labelOffset: 26, clip: false }),
        room && room <= y[1] ? Plot.ruleY([room], { stroke: LINES.fails, strokeDasharray: "1 3" }) : null,
        record.ceiling ? Plot.ruleX([record.ceiling], { stroke: LINES.ceiling, strokeWidth: 1.5, dx: -apart }) : null,
        record.end.at ? Plot.ruleX([record.end.at], { stroke: LINES.fails, strokeDasharray: "2 2", dx: apart }) : null,
        Plot.line(due.filter(inside), { x: "n", y: "cost", stroke: LINES.declared, strokeDasharray: "5 4" }),
        Plot.line(line, { x: "n", y: "cost", stroke: LINES.fit, strokeWidth: 1.8, clip: true }),
        Plot.dot(known, { x: "n", y: "cost", r: 2.6, fill: LINES.measured }),
      ],
    })));
}

function climbCharts(record) {
  const drawable = COSTS.map((cost) => [cost, growthOf(record, cost.key)])
    .filter(([cost]) => series(cost, record.points).filter((it) => it.cost > 0).length >= 2);
  const shared = reach(record);
  if (drawable.length === 0) return h("p", { class: "quiet" }, "Too few n passed for a chart.");
  return h("div", { class: "charts" },
    legend([["point", "measured"], ["line", "its exponent"], ["declared", "as declared"], ["ceiling", "the ceiling"], ["fails", "the smallest n that did not pass; the room of a resource"]]),
    h("div", { class: "panels" }, drawable.map(([cost, measured]) => costPanel(record, cost, measured, shared))));
}

function climbDetail(recording, record) {
  return h("div", null,
    titleLine(record), whyLine(record),
    record.message ? h("p", { class: "message" }, prose(record.message)) : null,
    facts([
      ["ceiling", ceilingWords(record)],
      ["why no higher", record.end.text === record.message ? null : prose(record.end.text)],
      ["lane", record.instead ? `${record.lane}: ${record.instead}` : record.lane],
      ["looked", `${plural(record.probes, "probe")} in ${seconds(record.seconds)}`],
      ["again", command(record.again)],
    ]),
    climbCharts(record),
    record.points.length > 0 ? pointsTable(record.points, "What each n cost on the way up") : null,
    record.heap_life ? lifeFigure(record.heap_life, record.scenario) : null,
    guardList(record.guards),
    everything(record));
}

// A ceiling as a bar on a logarithmic axis beside its number.
function ceilingCell(record, most) {
  const share = record.ceiling ? Math.max(1, 100 * Math.log10(record.ceiling + 1) / Math.log10(most + 1)) : 0;
  return h("span", { class: "bar" }, h("span", { "aria-hidden": "true", style: `width:${share.toFixed(1)}%` }),
    record.ceiling === null ? "none" : `${record.end.exact ? "" : "≥ "}${number(record.ceiling)}`);
}

function climbSection(recording) {
  if (recording.climbs.length === 0) return null;
  const most = Math.max(1, ...recording.climbs.map((it) => it.ceiling ?? 0));
  const growth = (key, title) => ({ key, title, numeric: true, of: (it) => growthOf(it, key)?.fit?.exponent, cell: (it) => growthCell(it, key) });
  return h("section", { id: `${recording.id}-climbs`, "data-title": "All climbs", class: "wide", tabindex: "-1" },
    h("h2", null, "All climbs"),
    h("p", null, "Each program was run at larger and larger n until it failed or its budget was spent. The bar beside a ceiling is logarithmic. A row opens to its charts and points."),
    smartTable({
      id: recording.id,
      place: `${recording.id}-climbs`,
      under: titleLine,
      label: "All climbs",
      noun: "climb",
      rows: recording.climbs,
      columns: [
        { key: "scenario", title: "scenario", of: (it) => it.scenario, cell: (it) => it.scenario },
        { key: "verdict", title: "verdict", of: (it) => it.verdict, cell: (it) => verdict(it.verdict) },
        { key: "axis", title: "axis", of: (it) => it.axis, cell: (it) => it.axis },
        { key: "ceiling", title: "ceiling", numeric: true, of: (it) => it.ceiling, cell: (it) => ceilingCell(it, most) },
        { key: "end", title: "ended by", of: (it) => it.end.by, cell: (it) => it.end.by },
        growth("instructions", "instructions"),
        growth("heap", "heap"),
        growth("roots", "shadow stack"),
      ],
      filters: [
        { key: "verdict", title: "verdict", of: (it) => it.verdict },
        { key: "end", title: "ended by", of: (it) => it.end.by },
        { key: "axis", title: "axis", of: (it) => it.axis },
      ],
      text: (it) => `${it.scenario} ${it.title ?? ""} ${it.axis} ${it.lane} ${it.verdict} ${it.message} ${it.end.text}`,
      anchor: (it) => recording.anchor(it),
      detail: (it) => climbDetail(recording, it),
    }));
}
