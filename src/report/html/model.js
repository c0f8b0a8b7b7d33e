// The recordings in the page, as they were written.

async function unpack(element) {
  const packed = atob(element.textContent);
  const zipped = Uint8Array.from(packed, (char) => char.charCodeAt(0));
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A seed or a value may be an integer that a number does not hold exactly: it
// becomes a text of its digits.
function parse(line) {
  const exact = /(?<![.\d])\d{16}/.test(line)
    ? line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
        /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token)
    : line;
  return OLD.test(exact) ? JSON.parse(exact, renamed) : JSON.parse(exact);
}

// What older recordings call otherwise: keys, and words under these keys.
const OLD = /"(?:fuel|work|work_exponent|over-work)"/;
const KEYS = { fuel: "instructions", work: "instructions", work_exponent: "instructions_exponent" };
const WORDS = { work: "instructions", "over-work": "over-instructions" };
const HAVE_WORDS = ["cost", "costs", "gone", "quantity", "what", "sought", "verdict", "verdicts", "fails_as", "how", "by"];

function renamed(key, value) {
  if (HAVE_WORDS.includes(key)) {
    const word = (it) => (Object.hasOwn(WORDS, it) ? WORDS[it] : it);
    return Array.isArray(value) ? value.map(word) : word(value);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  for (const old of Object.keys(KEYS).filter((it) => Object.hasOwn(value, it))) {
    value[KEYS[old]] = value[old];
    delete value[old];
  }
  return value;
}

const KINDS = {
  "run-started": "run",
  "climbs-started": "climb",
  "compare-started": "compare",
  "bisect-started": "bisect",
  "known-started": "known",
  "limit-looked-at": "known",
  "known-finished": "known",
  "history-started": "history",
};

const ENDS = ["run-finished", "climbs-finished", "compare-finished", "bisect-finished", "known-finished", "history-finished"];

class Recording {
  constructor(name, content, taken) {
    this.name = name;
    this.content = content;
    this.cases = [];
    this.climbs = [];
    this.rows = [];
    this.looks = [];
    this.probes = [];
    this.series = [];
    this.others = [];
    this.info = {};
    this.end = null;
    this.cut = false;
    const places = new Map();
    for (const line of new TextDecoder().decode(content).split("\n")) {
      if (line.trim() === "") continue;
      let event;
      try {
        event = parse(line);
      } catch {
        this.cut = true;
        continue;
      }
      this.kind ??= KINDS[event.event];
      this.take(event, places);
    }
    // Neighbours in the list are the lanes of one scenario, not what ended at the
    // same time.
    const order = (one, other) => one.scenario.localeCompare(other.scenario, "en") || one.lane.localeCompare(other.lane, "en");
    this.cases.sort(order);
    this.climbs.sort(order);
    const same = taken.filter((it) => it.kind === this.kind).length;
    this.id = same === 0 ? this.kind : `${this.kind}-${same + 1}`;
  }

  take(event, places) {
    if (ENDS.includes(event.event)) {
      this.end = event;
      return;
    }
    switch (event.event) {
      case "run-started": case "climbs-started": case "compare-started": case "bisect-started": case "known-started": case "history-started":
        this.info = event;
        break;
      case "case-finished": case "case-shrunk": {
        // A search for the smallest n tells the same case once more, and better.
        const key = `${event.scenario} ${event.lane} ${event.n}`;
        if (places.has(key)) this.cases[places.get(key)] = event;
        else { places.set(key, this.cases.length); this.cases.push(event); }
        break;
      }
      case "climb-finished": this.climbs.push(event); break;
      case "row-finished": this.rows.push(event); break;
      case "limit-looked-at": this.looks.push(event); break;
      case "probe": this.probes.push(event); break;
      case "series": this.series.push(event); break;
      default: this.others.push(event);
    }
  }

  // Where something of it stands on the page.
  anchor(record) {
    return [this.id, record.scenario, record.lane ?? "", record.n ?? record.vera ?? ""]
      .filter((it) => it !== "").join("-").replace(/\s+/g, "_");
  }

  // The runs of a history, oldest first.
  get runs() {
    return this.info.runs ?? [];
  }

  get vera() {
    return this.info.vera ?? this.info.columns?.map((it) => it.name).join(", ");
  }
}

const COSTS = [
  { key: "instructions", name: "instructions", unit: "", of: (p) => p.measures?.instructions },
  { key: "heap", name: "heap", unit: "bytes", of: (p) => p.measures?.heap },
  { key: "roots", name: "shadow stack", unit: "bytes", of: (p) => p.measures?.shadow_stack, room: (p) => p.measures?.shadow_room },
  { key: "stack", name: "WebAssembly stack", unit: "bytes", of: (p) => p.probed?.exact_stack, room: (p) => p.probed?.stack_room },
  { key: "handles", name: "host handles", unit: "bytes", of: (p) => p.probed?.wrap_table, room: (p) => p.probed?.wrap_room },
  { key: "live", name: "left alive", unit: "bytes", of: (p) => p.probed?.live },
  { key: "allocated", name: "allocated", unit: "bytes", of: (p) => p.measures?.allocated },
  { key: "collections", name: "collections", unit: "", of: (p) => p.measures?.collections },
  { key: "time", name: "processor time", unit: "seconds", of: (p) => (p.measures ? undefined : p.run?.cpu) },
  { key: "compile", name: "compile time", unit: "seconds", of: (p) => p.compile?.cpu },
  { key: "compile-memory", name: "compile memory", unit: "bytes", of: (p) => p.compile?.peak_memory },
];

const costName = (key) => COSTS.find((it) => it.key === key)?.name ?? key;

// A cost at the points where it is known.
function series(cost, points) {
  return points.map((point) => ({ n: point.n, cost: cost.of(point) }))
    .filter((it) => it.cost !== null && it.cost !== undefined);
}
