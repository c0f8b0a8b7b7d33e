// The heap over a program's life: it grows from collection to collection, and
// falls at each.

function lifeLine(life) {
  const line = [{ at: 0, used: 0 }];
  for (const [at, before, after] of life.kept) line.push({ at, used: before }, { at, used: after });
  line.push({ at: life.end.at, used: life.end.used });
  return line;
}

function lifeMarks(life) {
  const collections = Plot.ruleX(life.kept, { x: (it) => it[0], y1: (it) => it[2], y2: (it) => it[1], stroke: LINES.fails, strokeWidth: 1 });
  const feet = Plot.dot(life.kept, { x: (it) => it[0], y: (it) => it[2], r: life.kept.length > 60 ? 1.2 : 2, fill: LINES.fails });
  if (life.every === 1) {
    const line = lifeLine(life);
    return [
      Plot.areaY(line, { x: "at", y1: 0, y2: "used", fill: "var(--accent)", fillOpacity: 0.12 }),
      Plot.lineY(line, { x: "at", y: "used", stroke: "var(--accent)", strokeWidth: 1.2 }),
      collections, feet,
    ];
  }
  // What happened between two kept collections is not known, and no line says it.
  return [
    Plot.areaY(life.kept, { x: (it) => it[0], y1: (it) => it[2], y2: (it) => it[1], fill: "var(--accent)", fillOpacity: 0.14 }),
    collections, feet,
    Plot.dot([life.end], { x: "at", y: "used", stroke: "var(--accent)", r: 3 }),
  ];
}

function lifeFigure(life, title) {
  const peak = Math.max(life.end.used, ...life.kept.map((it) => it[1]));
  const after = life.kept.map((it) => it[2]);
  const least = after.length ? `; after a collection between ${bytes(Math.min(...after))} and ${bytes(Math.max(...after))}` : "";
  const kept = life.every > 1 ? `, each ${life.every}th of them drawn (${life.kept.length}), with no line between` : "";
  const words = `${plural(life.collections, "collection")}${kept}; at most ${bytes(peak)} in use${least}; ${bytes(life.end.used)} at the end, after ${number(life.end.at)} ${life.unit}.`;
  const figure = h("figure", { class: "life" },
    h("figcaption", null, h("b", null, "The heap over the program's life. "), words),
    later(190, (room) => chart(`Heap in use of ${title}: ${words}`, {
      width: fitting(room, 760), height: 190, marginLeft: 66, marginBottom: 32,
      x: { label: `${life.unit} →`, tickFormat: compact, domain: [0, Math.max(life.end.at, 1)] },
      y: { label: "in use", tickFormat: bytes, ticks: evenBytes(peak), grid: true, domain: [0, Math.max(peak, 1)] },
      marks: [Plot.ruleY([0], { stroke: "var(--line)" }), ...lifeMarks(life)],
    })),
    legend([["line", "in use"], ["fails", "a collection: from what was in use to what it left"]]));
  if (life.kept.length > 0) {
    figure.append(fold(`The ${plural(life.kept.length, "collection")} as a table`, () => {
      const lines = life.kept.map((it) => h("tr", null, it.map((value) => h("td", null, number(value)))));
      return scroller("collections", table("plain", null, [`at (${life.unit})`, "in use before", "in use after"], lines));
    }));
  }
  return figure;
}
