//! Canaries of the sanitizer's checks: accesses that no compiler should have
//! made, in a module of Vera's whose `main` is replaced. Each has a twin that is
//! right and must not be reported.

use std::sync::LazyLock;

use crate::native::{Module, Vera, request, trap, value};
use vera_stress::case::{Call, Ending, Finding, GcMode, Outcome, Value};
use vera_stress::engine::native::NativeRequest;
use vera_stress::instrument::schedule::Rng;
use vera_stress::instrument::text::Text;
use vera_stress::interrupt::Interrupt;
use vera_stress::toolchain::compile::Stop;

const PROGRAM: &str = r#"private data List { Nil, Cons(Int, List) }

private fn early(@Int -> @List)
  requires(true) ensures(true) effects(pure)
{
  Cons(@Int.0, Nil)
}

private fn late(@Int -> @List)
  requires(true) ensures(true) effects(pure)
{
  Cons(@Int.0 + 1, Nil)
}

private fn head(@List -> @Int)
  requires(true) ensures(true) effects(pure)
{
  match @List.0 { Nil -> 0, Cons(@Int, @List) -> @Int.0 }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(<IO>)
{
  IO.print("a literal that is longer than any access");
  head(early(nat_to_int(@Nat.0))) + head(late(nat_to_int(@Nat.0)))
}
"#;

const MODES: [GcMode; 2] = [GcMode::Checks, GcMode::Sanitize(Some(0))];

/// A compiled program with its text form.
struct Compiled {
    module: Module,
    text: String,
}

impl Compiled {
    fn new(program: &str) -> Compiled {
        let module = Vera::of("0.2.5").compile(program);
        let text = wasmprinter::print_bytes(&module.wasm).unwrap();
        Compiled { module, text }
    }

    /// The value of a constant global.
    fn global(&self, name: &str) -> u32 {
        let global = format!("(global ${name} ");
        let line = self.text.lines().find(|line| line.contains(&global));
        let (_, value) = line.unwrap().rsplit_once("i32.const ").unwrap();
        value.trim_end_matches(')').parse().unwrap()
    }

    /// The program with other functions, one of which is `main`, instead of its
    /// own `main`.
    #[track_caller]
    fn with_main(&self, functions: &str) -> Module {
        let text = &self.text;
        let from = text.find("  (func $:main ").unwrap();
        let to = from + text[from..].find("\n  )\n").unwrap() + 5;
        let text = format!("{}{functions}{}", &text[..from], &text[to..]);
        self.with(&text)
    }

    #[track_caller]
    fn with(&self, text: &str) -> Module {
        let wasm = wat::parse_str(text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        self.module.with(wasm)
    }
}

static VERA: LazyLock<Compiled> = LazyLock::new(|| Compiled::new(PROGRAM));

fn global(name: &str) -> u32 {
    VERA.global(name)
}

fn push(value: &str) -> String {
    format!(
        "(i32.store (global.get $gc_sp) {value})
         (global.set $gc_sp (i32.add (global.get $gc_sp) (i32.const 4)))"
    )
}

/// `main` does what is at place n of a list, with a heap of these blocks: `A` of
/// 12 bytes, `B` of 9, and of 24 one that was freed, then `C` of 12.
fn cases(bodies: &[String]) -> Module {
    let [a, b, c] = [BLOCKS.0, BLOCKS.1, BLOCKS.3].map(|at| at + global("gc_heap_start"));
    let mut main = format!(
        "(func $:main (param $n i64) (result i64)
           (local $sp i32) (local $at i32)
           (local.set $sp (global.get $gc_sp))
           {} {} {} {}
           (i32.store (i32.sub (global.get $gc_sp) (i32.const 8)) (i32.const 0))
           (call $gc_collect)",
        rooted(12, a),
        rooted(9, b),
        rooted(24, BLOCKS.2 + global("gc_heap_start")),
        rooted(12, c),
    );
    // As Vera does, it saves the shadow stack's pointer first.
    main = main.replacen("(local.set $sp", "global.get $gc_sp (local.set $sp", 1);
    main = main.replacen("$sp (global.get $gc_sp))", "$sp)", 1);
    for (n, body) in bodies.iter().enumerate() {
        main += &format!("(if (i64.eq (local.get $n) (i64.const {n})) (then {body}))\n");
    }
    main += "(global.set $gc_sp (local.get $sp)) (i64.const 7))";
    VERA.with_main(&main)
}

/// Where the blocks of [`cases`] are, from the heap's start.
const BLOCKS: (u32, u32, u32, u32) = (4, 20, 36, 68);

/// Allocates a block, which must come to lie at an address, writes all of it and
/// roots it.
fn rooted(size: u32, at: u32) -> String {
    format!(
        "(local.set $at (call $alloc (i32.const {size})))
         (if (i32.ne (local.get $at) (i32.const {at})) (then unreachable))
         (memory.fill (local.get $at) (i32.const 0) (i32.const {size})) {}",
        push("(local.get $at)")
    )
}

#[track_caller]
fn finding(outcome: &Outcome) -> &Finding {
    match &outcome.ending {
        Ending::Corrupt { finding } => finding,
        other => panic!("it was not reported: {other:?}"),
    }
}

/// An access: its text, and what is said of it; nothing where it is right.
type Access = (String, Option<String>);

/// Runs each access in each mode.
#[track_caller]
fn assert_accesses(all: &[Access]) {
    let bodies: Vec<String> = all.iter().map(|(body, _)| body.clone()).collect();
    let module = cases(&bodies);
    let text = Text::of(&module.wasm).unwrap();
    let lines: Vec<&str> = text.text.lines().collect();
    for (n, (body, expected)) in (0..).zip(all) {
        for mode in MODES {
            let outcome = module.run(mode, &[n]);
            let Some(expected) = expected else {
                assert_eq!(value(&outcome), &Value::Int(7), "{body} {mode:?}");
                continue;
            };
            let Ending::Corrupt { finding } = &outcome.ending else {
                panic!("{body} {mode:?}: {:?}", outcome.ending);
            };
            assert_eq!(&finding.what, expected, "{body} {mode:?}");
            let innermost = &finding.calls[0];
            assert_eq!(innermost.frame.function, "main", "{body}");
            let line = innermost.text_line.expect("the instruction has a line");
            let shown = lines[line as usize - 1].trim();
            // What is printed is an instruction of the body, or a call of it.
            let instruction = shown.split(' ').next().unwrap();
            assert!(body.contains(instruction), "{body}: line {line} is {shown}");
        }
    }
}

/// The blocks' addresses.
struct At {
    a: u32,
    b: u32,
    freed: u32,
    c: u32,
}

fn at() -> At {
    let start = global("gc_heap_start");
    At {
        a: start + BLOCKS.0,
        b: start + BLOCKS.1,
        freed: start + BLOCKS.2,
        c: start + BLOCKS.3,
    }
}

const LOADS: [(&str, u32); 10] = [
    ("i32.load8_u", 1),
    ("i64.load8_s", 1),
    ("i32.load16_s", 2),
    ("i64.load16_u", 2),
    ("i32.load", 4),
    ("f32.load", 4),
    ("i64.load32_u", 4),
    ("i64.load", 8),
    ("f64.load", 8),
    ("v128.load", 16),
];

const STORES: [(&str, u32); 10] = [
    ("i32.store8", 1),
    ("i64.store8", 1),
    ("i32.store16", 2),
    ("i64.store16", 2),
    ("i32.store", 4),
    ("f32.store", 4),
    ("i64.store32", 4),
    ("i64.store", 8),
    ("f64.store", 8),
    ("v128.store", 16),
];

fn load(instruction: &str, at: u32) -> String {
    format!("(drop ({instruction} (i32.const {at})))")
}

fn store(instruction: &str, at: u32) -> String {
    let value = match &instruction[..4] {
        "v128" => "(v128.const i64x2 0 0)".to_owned(),
        ty => format!("({}.const 0)", &ty[..3]),
    };
    format!("({instruction} (i32.const {at}) {value})")
}

fn bytes(width: u32) -> String {
    let plural = if width == 1 { "" } else { "s" };
    format!("{width} byte{plural}")
}

/// Loads and stores of every width at an address.
fn of_every_width() -> impl Iterator<Item = (String, u32, impl Fn(u32) -> String)> {
    let loads = LOADS.map(|(name, width)| ("load", name, width));
    let stores = STORES.map(|(name, width)| ("store", name, width));
    loads.into_iter().chain(stores).map(|(word, name, width)| {
        let what = format!("{word} of {}", bytes(width));
        let body = move |at| match word {
            "load" => load(name, at),
            _ => store(name, at),
        };
        (what, width, body)
    })
}

#[test]
fn an_access_may_reach_the_end_of_a_block_and_not_one_byte_further() {
    let At { a, b, .. } = at();
    let mut all = Vec::new();
    for (what, width, body) in of_every_width() {
        if width <= 8 {
            all.push((body(a + 12 - width), None));
            all.push((body(b + 9 - width), None));
            let byte = 10 - width;
            let past = format!(
                "{what} at byte {byte}, past the end of the live block of 9 bytes at {b:#x}"
            );
            all.push((body(b + byte), Some(past)));
        }
        let past = format!("{what} at byte 9, past the end of the live block of 9 bytes at {b:#x}");
        all.push((body(b + 9), Some(past)));
    }
    assert_accesses(&all);
}

/// Behind `C` lies a new block, of which nothing is written.
const NEW: u32 = 200;

#[test]
fn what_was_never_written_must_not_be_loaded() {
    let at = at().c + 16;
    let new = |body: &str| format!("(drop (call $alloc (i32.const {NEW}))) {body}");
    let never = |what: &str, byte: u32, first: u32| {
        Some(format!(
            "{what} at byte {byte} of the live block of {NEW} bytes at {at:#x}, of which byte {first} was never written"
        ))
    };
    let mut all = Vec::new();
    for (instruction, width) in LOADS {
        let what = format!("load of {}", bytes(width));
        let loads = load(instruction, at + 8);
        all.push((new(&loads), never(&what, 8, 8)));
        // Whoever writes all of it, in one piece or byte by byte, has written it.
        for (stores, stored) in STORES {
            let parts = (0..width).step_by(stored as usize);
            let parts: String = parts.map(|part| store(stores, at + 8 + part)).collect();
            all.push((new(&format!("{parts} {loads}")), None));
        }
        // One byte is not enough, be it the first or the last.
        if width > 1 {
            let first = store("i32.store8", at + 8);
            all.push((new(&format!("{first} {loads}")), never(&what, 8, 9)));
            let last = store("i32.store8", at + 8 + width - 1);
            all.push((new(&format!("{last} {loads}")), never(&what, 8, 8)));
        }
    }
    assert_accesses(&all);
}

#[test]
fn a_copy_takes_along_what_was_never_written() {
    let at = at().c + 16;
    let new = |body: &str| format!("(drop (call $alloc (i32.const {NEW}))) {body}");
    let copy = |to: u32, from: u32, length: u32| {
        format!(
            "(memory.copy (i32.const {}) (i32.const {}) (i32.const {length}))",
            at + to,
            at + from
        )
    };
    let fill = |from: u32, length: u32| {
        format!(
            "(memory.fill (i32.const {}) (i32.const 1) (i32.const {length}))",
            at + from
        )
    };
    let byte = |byte: u32| load("i32.load8_u", at + byte);
    let never = |byte: u32| {
        Some(format!(
            "load of 1 byte at byte {byte} of the live block of {NEW} bytes at {at:#x}, of which byte {byte} was never written"
        ))
    };
    assert_accesses(&[
        (new(&copy(100, 0, 50)), None),
        (
            new(&format!("{}{}", copy(100, 0, 50), byte(149))),
            never(149),
        ),
        (
            new(&format!("{}{}{}", fill(0, 50), copy(100, 0, 50), byte(149))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(0, 49), copy(100, 0, 50), byte(148))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(0, 49), copy(100, 0, 50), byte(149))),
            never(149),
        ),
        // What was written is as the copy is.
        (
            new(&format!(
                "{}{}{}",
                fill(100, 9),
                copy(100, 0, 50),
                byte(100)
            )),
            never(100),
        ),
        // Over itself, upwards and downwards.
        (
            new(&format!("{}{}{}", fill(0, 20), copy(10, 0, 30), byte(29))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(0, 20), copy(10, 0, 30), byte(30))),
            never(30),
        ),
        (
            new(&format!("{}{}{}", fill(20, 20), copy(10, 20, 30), byte(29))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(20, 20), copy(10, 20, 30), byte(30))),
            never(30),
        ),
        // Literals are written.
        (
            new(&format!(
                "(memory.copy (i32.const {at}) (i32.const 0) (i32.const 8)){}",
                byte(7)
            )),
            None,
        ),
    ]);
}

/// Long ranges are looked at by the host, whose answers are the same.
#[test]
fn a_long_copy_takes_it_along_as_well() {
    let at = at().c + 16;
    let size = 4_000;
    let body = |filled: u32, loaded: u32| {
        format!(
            "(drop (call $alloc (i32.const {size})))
             (memory.fill (i32.const {at}) (i32.const 1) (i32.const {filled}))
             (memory.copy (i32.const {}) (i32.const {at}) (i32.const 1500)) {}",
            at + 2_000,
            load("i32.load8_u", at + 2_000 + loaded)
        )
    };
    let said = format!(
        "load of 1 byte at byte 3000 of the live block of {size} bytes at {at:#x}, of which byte 3000 was never written"
    );
    assert_accesses(&[
        (body(1_500, 1_499), None),
        (body(1_000, 999), None),
        (body(1_000, 1_000), Some(said)),
    ]);
}

/// Random writes, copies and loads in a new block, beside a model that knows of each
/// byte whether it was written: the first load of one that was not is reported, and
/// nothing else.
#[test]
fn what_was_written_is_known_byte_by_byte() {
    let at = at().c + 16;
    let mut rng = Rng::new(7);
    let mut below = |bound: u32| rng.below(u64::from(bound).try_into().unwrap()) as u32;
    let mut all: Vec<Access> = Vec::new();
    while all.len() < 60 {
        let mut written = [false; NEW as usize];
        let mut body = format!("(drop (call $alloc (i32.const {NEW})))");
        let mut found = None;
        while found.is_none() && body.len() < 6_000 {
            let range = |at: u32, length: u32| at as usize..(at + length) as usize;
            match below(8) {
                0 | 1 => {
                    let (instruction, width) = STORES[below(10) as usize];
                    let to = below(NEW - width + 1);
                    body += &store(instruction, at + to);
                    written[range(to, width)].fill(true);
                }
                2 => {
                    let length = below(40);
                    let to = below(NEW - length + 1);
                    body += &format!(
                        "(memory.fill (i32.const {}) (i32.const 1) (i32.const {length}))",
                        at + to
                    );
                    written[range(to, length)].fill(true);
                }
                3 | 4 => {
                    let length = below(60);
                    let [to, from] = [(); 2].map(|()| below(NEW - length + 1));
                    body += &format!(
                        "(memory.copy (i32.const {}) (i32.const {}) (i32.const {length}))",
                        at + to,
                        at + from
                    );
                    written.copy_within(range(from, length), to as usize);
                }
                // Loads of what was written, and now and then of anything.
                _ => {
                    let (instruction, width) = LOADS[below(10) as usize];
                    let from = below(NEW - width + 1);
                    let missing = written[range(from, width)].iter().position(|it| !it);
                    if missing.is_some() && below(12) > 0 {
                        continue;
                    }
                    body += &load(instruction, at + from);
                    found = missing.map(|missing| {
                        format!(
                            "load of {} at byte {from} of the live block of {NEW} bytes at {at:#x}, of which byte {} was never written",
                            bytes(width),
                            from as usize + missing
                        )
                    });
                }
            }
        }
        all.push((body, found));
    }
    assert!(all.iter().filter(|(_, found)| found.is_none()).count() < 55);
    assert_accesses(&all);
}

#[test]
fn an_offset_counts_as_a_part_of_the_address() {
    let At { b, .. } = at();
    let past = |byte: u32, width: u32, word: &str| {
        let bytes = bytes(width);
        Some(format!(
            "{word} of {bytes} at byte {byte}, past the end of the live block of 9 bytes at {b:#x}"
        ))
    };
    assert_accesses(&[
        (format!("(drop (i64.load offset=1 (i32.const {b})))"), None),
        (
            format!("(drop (i64.load offset=2 (i32.const {b})))"),
            past(2, 8, "load"),
        ),
        (
            format!("(i32.store8 offset=8 (i32.const {b}) (i32.const 0))"),
            None,
        ),
        (
            format!("(i32.store8 offset=9 (i32.const {b}) (i32.const 0))"),
            past(9, 1, "store"),
        ),
        (
            format!("(drop (i32.load8_u offset={b} (i32.const 9)))"),
            past(9, 1, "load"),
        ),
    ]);
}

#[test]
fn headers_freed_blocks_and_what_lies_beyond_must_not_be_touched() {
    let At { a, b, freed, c, .. } = at();
    let mut all = Vec::new();
    for (what, width, body) in of_every_width() {
        let header = format!(
            "{what} at {:#x}, in the header of the live block of 9 bytes at {b:#x}",
            b - 4
        );
        all.push((body(b - 4), Some(header)));
        let gone = format!("{what} at byte 3 of the freed block of 24 bytes at {freed:#x}");
        all.push((body(freed + 3), Some(gone)));
        let beyond = format!("{what} at {:#x}, past the end of the heap", c + 12);
        all.push((body(c + 12), Some(beyond)));
        let far = format!("{what} at {:#x}, past the end of the heap", c + 4_000);
        all.push((body(c + 4_000), Some(far)));
        if width <= 8 {
            all.push((body(a), None));
            all.push((body(c + 12 - width), None));
        }
    }
    assert_accesses(&all);
}

#[test]
fn static_data_is_read_and_never_written() {
    let mut all = Vec::new();
    for (what, _, body) in of_every_width() {
        let said = format!("{what} at 0x0, in the module's string literals and other static data");
        let is_store = what.starts_with("store");
        all.push((body(0), is_store.then_some(said)));
    }
    assert_accesses(&all);
}

#[test]
fn on_the_shadow_stack_only_roots_are_touched() {
    let base = global("gc_stack_base");
    let limit = global("gc_stack_limit");
    // Four roots.
    let top = base + 16;
    let none = |word: &str, at: u32| {
        Some(format!(
            "{word} of 4 bytes at {at:#x}, on the shadow stack, where there is no root"
        ))
    };
    assert_accesses(&[
        (load("i32.load", base), None),
        (load("i32.load", top - 4), None),
        (store("i32.store", base), None),
        (store("i32.store", top - 4), None),
        (load("i32.load", top), none("load", top)),
        (load("i32.load", top - 2), none("load", top - 2)),
        (store("i32.store", top), none("store", top)),
        (load("i32.load", limit - 4), none("load", limit - 4)),
        (store("i32.store", limit - 4), none("store", limit - 4)),
        // What lies below it is the static data.
        (load("i32.load", base - 4), None),
        (load("i32.load", base - 2), none("load", base - 2)),
        (
            store("i32.store", base - 4),
            Some(format!(
                "store of 4 bytes at {:#x}, in the module's string literals and other static data",
                base - 4
            )),
        ),
    ]);
}

#[test]
fn what_the_collector_keeps_for_itself_must_not_be_touched() {
    let limit = global("gc_stack_limit");
    let mut all = Vec::new();
    for (what, _, body) in of_every_width() {
        for at in [limit, limit + 16_384] {
            let said = format!("{what} at {at:#x}, in the collector's worklist or the wrap table");
            all.push((body(at), Some(said)));
        }
    }
    assert_accesses(&all);
}

fn copy(to: u32, from: u32, length: u32) -> String {
    format!("(memory.copy (i32.const {to}) (i32.const {from}) (i32.const {length}))")
}

fn fill(at: u32, length: u32) -> String {
    format!("(memory.fill (i32.const {at}) (i32.const 0) (i32.const {length}))")
}

#[test]
fn bulk_operations_are_checked_over_their_whole_length() {
    let At { a, b, freed, c, .. } = at();
    let (base, limit) = (global("gc_stack_base"), global("gc_stack_limit"));
    let past = |what: &str, byte: u32| {
        Some(format!(
            "{what} at once at byte {byte}, past the end of the live block of 9 bytes at {b:#x}"
        ))
    };
    let gone = |what: &str| {
        Some(format!(
            "{what} at once at byte 0 of the freed block of 24 bytes at {freed:#x}"
        ))
    };
    let mut all = vec![
        (copy(a, b, 9), None),
        (copy(b, a, 9), None),
        (copy(a, a + 4, 8), None),
        (copy(a, 0, 12), None),
        (fill(b, 9), None),
        (fill(b + 8, 1), None),
        // From, to, and both: what is read is told first.
        (copy(a, b, 10), past("load of 10 bytes", 0)),
        (copy(b, a, 10), past("store of 10 bytes", 0)),
        (copy(b + 1, b, 10), past("load of 10 bytes", 0)),
        (copy(b + 1, b, 9), past("store of 9 bytes", 1)),
        (fill(b, 10), past("store of 10 bytes", 0)),
        (fill(b + 9, 1), past("store of 1 byte", 9)),
        (copy(a, freed, 1), gone("load of 1 byte")),
        (copy(freed, a, 12), gone("store of 12 bytes")),
        (fill(freed, 24), gone("store of 24 bytes")),
        (
            copy(0, a, 4),
            Some("store of 4 bytes at once at 0x0, in the module's string literals and other static data".to_owned()),
        ),
    ];
    // Nothing is touched at these places, the last of which is the memory's end.
    let end = "(i32.shl (memory.size) (i32.const 16))";
    let nothing = [0, base, base + 64, limit, a - 4, freed, b + 9, c + 12];
    for at in nothing {
        all.push((copy(at, at, 0), None));
        all.push((fill(at, 0), None));
    }
    all.push((format!("(memory.copy {end} {end} (i32.const 0))"), None));
    assert_accesses(&all);
}

#[test]
fn an_access_outside_of_the_memory_traps_as_ever() {
    let bodies = [
        "(drop (i32.load (i32.const -1)))",
        "(i64.store offset=4294967295 (i32.const 1) (i64.const 0))",
        "(memory.fill (i32.const -1) (i32.const 0) (i32.const 4))",
    ];
    let module = cases(&bodies.map(str::to_owned));
    for n in 0..3 {
        let outcome = module.run(GcMode::Checks, &[n]);
        assert_eq!(trap(&outcome).kind, "out_of_bounds", "{n}");
    }
}

const RESTORE: &str = "(global.set $gc_sp (local.get $sp))";

/// Moves the shadow stack's pointer by so many roots.
fn moved(roots: i32) -> String {
    let bytes = 4 * roots;
    format!("(global.set $gc_sp (i32.add (local.get $sp) (i32.const {bytes})))")
}

/// What a function that saves the shadow stack's pointer gives and does, and by
/// how many roots it is then out of balance.
type Probe = (&'static str, String, i32);

/// `main` calls the function at place n of a list.
#[track_caller]
fn assert_balance(probes: &[Probe]) {
    let save = "(local $sp i32) global.get $gc_sp local.set $sp";
    let push = push("(i32.const 0)");
    let mut main = format!("(func $:main (param $n i64) (result i64) {save} {push} {push}\n");
    let mut functions = String::new();
    for (n, (result, body, _)) in probes.iter().enumerate() {
        let call = format!("(drop (call $:probe{n}))");
        main += &format!("(if (i64.eq (local.get $n) (i64.const {n})) (then {call}))\n");
        functions += &format!("(func $:probe{n} (result {result}) {save} {body})\n");
    }
    let module = VERA.with_main(&format!("{main} {RESTORE} (i64.const 7))\n{functions}"));
    for (n, (_, body, roots)) in (0..).zip(probes) {
        for mode in MODES {
            let outcome = module.run(mode, &[n]);
            if *roots == 0 {
                assert_eq!(value(&outcome), &Value::Int(7), "{body}");
                continue;
            }
            let how_many = match roots.abs() {
                1 => "1 root ".to_owned(),
                many => format!("{many} roots "),
            };
            let found = finding(&outcome);
            let what = &found.what;
            assert!(what.contains("shadow stack"), "{body}: {what}");
            assert!(what.contains(&how_many), "{body}: {what}");
            assert_eq!(what.contains("behind"), *roots > 0, "{body}: {what}");
            assert_eq!(found.calls[0].frame.function, format!("probe{n}"));
            assert!(found.blocks.is_empty(), "{found}");
        }
    }
}

#[test]
fn a_function_returns_with_the_shadow_stack_as_it_found_it() {
    // Each way to leave a function, from a given place of the stack.
    let ways: [fn(&str) -> String; 6] = [
        |at| format!("{at} i32.const 0"),
        |at| format!("{at} i32.const 0 return"),
        |at| format!("{at} i32.const 0 br 0"),
        |at| format!("{at} i32.const 0 i32.const 0 br_table 0"),
        |at| {
            let leave = "(br_if 2 (i32.const 0) (i32.const 1)) drop";
            format!("(block (loop {at} {leave})) {RESTORE} i32.const 0")
        },
        |at| format!("{at} i64.const 1 return_call $:early"),
    ];
    let push = push("(i32.const 0)");
    let mut probes = Vec::new();
    for way in ways {
        probes.push(("i32", format!("{push} {}", way(RESTORE)), 0));
        for roots in [1, 2, -1, -2] {
            probes.push(("i32", format!("{push} {}", way(&moved(roots))), roots));
        }
    }
    assert_balance(&probes);
}

#[test]
fn a_function_may_leave_the_root_of_what_it_returns() {
    let push = push("(i32.const 0)");
    let result = "(i32.const 0)";
    let early = |at: &str| {
        let leave = format!("(if (i32.const 1) (then {at} (return {result})))");
        format!("{leave} {RESTORE} {push} {result}")
    };
    assert_balance(&[
        ("i32", format!("{push} {push} {RESTORE} {push} {result}"), 0),
        ("i32", format!("{push} {push} {result}"), 1),
        ("i32", early(&push), 0),
        ("i32", early(""), -1),
        ("i32", early(&format!("{push} {push}")), 1),
    ]);
}

#[test]

fn a_function_that_returns_no_pointer_leaves_no_root() {
    let push = push("(i32.const 0)");
    assert_balance(&[
        ("i64", format!("{push} {RESTORE} (i64.const 0)"), 0),
        ("i64", format!("{push} (i64.const 0)"), 1),
        ("f64", format!("{push} (f64.const 0)"), 1),
    ]);
}

#[test]
fn a_push_stays_below_the_limit() {
    let At { a, .. } = at();
    let limit = global("gc_stack_limit");
    let up_to = |at: u32| {
        format!(
            "(global.set $gc_sp (i32.const {at})) {}",
            push("(i32.const 0)")
        )
    };
    let said = "store of 4 bytes at";
    let beyond = |at: u32| {
        Some(format!(
            "{said} {at:#x}, in the collector's worklist or the wrap table"
        ))
    };
    assert_accesses(&[
        (up_to(limit - 4), None),
        (up_to(limit), beyond(limit)),
        (
            up_to(a),
            Some(format!("{said} {a:#x}, pushed outside of the shadow stack")),
        ),
        (
            up_to(0),
            Some(format!(
                "{said} 0x0, in the module's string literals and other static data"
            )),
        ),
    ]);
}

/// `main` allocates 8 bytes, keeps them alive or not, collects, and does this.
fn with_string(keep: bool, result: &str, rest: &str) -> Module {
    let at = global("gc_heap_start") + 4;
    let root = if keep {
        "(local.get $at)"
    } else {
        "(i32.const 0)"
    };
    let mut module = VERA.with_main(&format!(
        "(func $:main (param $n i64) (result {result}) (local $sp i32) (local $at i32)
           global.get $gc_sp local.set $sp
           (local.set $at (call $alloc (i32.const 8)))
           (if (i32.ne (local.get $at) (i32.const {at})) (then unreachable))
           (i64.store (local.get $at) (i64.const 0x6867666564636261))
           {} (call $gc_collect) {rest} {RESTORE})",
        push(root)
    ));
    module.about.returns_text = true;
    module
}

#[test]
fn the_host_is_given_only_what_lives() {
    let at = global("gc_heap_start") + 4;
    let print = |keep, from: i32, length: i32| {
        let print = format!(
            "(call $vera.print (i32.add (local.get $at) (i32.const {from})) (i32.const {length}))
             (i64.const 7)"
        );
        with_string(keep, "i64", &print)
    };
    let read = |keep, length: i32| {
        let pair = format!("(local.get $at) (i32.const {length})");
        with_string(keep, "i32 i32", &pair)
    };
    for mode in MODES {
        let outcome = print(true, 0, 8).run(mode, &[1]);
        assert_eq!(
            (value(&outcome), &outcome.stdout[..]),
            (&Value::Int(7), &b"abcdefgh"[..])
        );
        value(&print(true, 8, 0).run(mode, &[1]));
        value(&print(false, 0, 0).run(mode, &[1]));
        let text = read(true, 8).run(mode, &[1]);
        assert_eq!(value(&text), &Value::Text("abcdefgh".to_owned()));

        let said = |module: Module, expected: &str, innermost: Option<&str>| {
            let outcome = module.run(mode, &[1]);
            let found = finding(&outcome);
            assert_eq!(found.what, expected);
            let function = found.calls.first().map(|call| &call.frame.function[..]);
            assert_eq!(function, innermost, "{found}");
            assert_eq!(found.blocks[0].address, at, "{found}");
            // Nothing of it was printed.
            assert_eq!(outcome.stdout, b"");
        };
        let by_print = "by the host's print";
        said(
            print(false, 0, 8),
            &format!(
                "load of 8 bytes {by_print} at byte 0 of the freed block of 8 bytes at {at:#x}"
            ),
            Some("main"),
        );
        said(
            print(true, 1, 8),
            &format!(
                "load of 8 bytes {by_print} at byte 1, past the end of the live block of 8 bytes at {at:#x}"
            ),
            Some("main"),
        );
        let result = "the text that `main` returned,";
        said(
            read(false, 8),
            &format!(
                "load of 8 bytes, {result} at byte 0 of the freed block of 8 bytes at {at:#x}"
            ),
            None,
        );
        said(
            read(true, 9),
            &format!(
                "load of 9 bytes, {result} at byte 0, past the end of the live block of 8 bytes at {at:#x}"
            ),
            None,
        );
    }
}

#[test]
fn a_finding_tells_who_made_the_block_and_who_freed_it() {
    // In this lane there is a collection before each of so few allocations.
    let module = VERA.with_main(
        "(func $:main (param $n i64) (result i64) (local $sp i32) (local $at i32)
           global.get $gc_sp local.set $sp
           (local.set $at (call $:early (i64.const 3)))
           (global.set $gc_sp (local.get $sp))
           (drop (call $:late (i64.const 4)))
           (global.set $gc_sp (local.get $sp))
           (i64.load offset=8 (local.get $at)))",
    );
    let mode = GcMode::Sanitize(Some(0));
    let outcome = module.run(mode, &[1]);
    let found = finding(&outcome);
    let at = global("gc_heap_start") + 4;
    assert_eq!(
        found.what,
        format!("load of 8 bytes at byte 8 of the freed block of 24 bytes at {at:#x}")
    );
    let named = |calls: &[Call]| -> Vec<(String, Option<u32>)> {
        let frames = calls.iter().map(|call| &call.frame);
        frames.map(|it| (it.function.clone(), it.line)).collect()
    };
    let main = ("main".to_owned(), Some(21));
    assert_eq!(named(&found.calls), std::slice::from_ref(&main));
    let [block] = &found.blocks[..] else {
        panic!("{found}");
    };
    assert_eq!((block.address, block.size, block.allocation), (at, 24, 1));
    assert_eq!(
        named(&block.allocated_by),
        [("early".to_owned(), Some(3)), main.clone()]
    );
    let freed = block.freed.as_ref().unwrap();
    assert!(freed.scheduled);
    assert_eq!(freed.allocation, 3);
    assert_eq!(named(&freed.calls), [("late".to_owned(), Some(9)), main]);
    assert_eq!(freed.roots_in_all as usize, freed.roots.len());
    assert!(!freed.roots.contains(&at), "{found}");
    let line = found.message();
    for part in [
        "in main (main.vera:21",
        "allocated by early (main.vera:3",
        "at an allocation in late (main.vera:9",
    ] {
        assert!(line.contains(part), "{line}");
    }
    // The same finding, whenever it is looked for.
    assert_eq!(module.run(mode, &[1]).ending, outcome.ending);
    assert_eq!(
        module.with(module.wasm.clone()).run(mode, &[1]).ending,
        outcome.ending
    );
    // Without collections of the lane nothing is freed here.
    assert_eq!(value(&module.run(GcMode::Checks, &[1])), &Value::Int(3));
}

#[test]
fn every_finding_is_found_again() {
    let At { b, freed, .. } = at();
    let module = cases(&[
        load("i32.load", b + 6),
        load("i32.load", freed),
        fill(b, 10),
    ]);
    for mode in MODES {
        for n in 0..3 {
            let [first, second] = [(); 2].map(|()| module.run(mode, &[n]));
            finding(&first);
            assert_eq!(first.ending, second.ending);
        }
    }
}

#[test]
fn a_runtime_with_something_new_in_it_is_refused() {
    let text = &VERA.text;
    let end = text.rfind(')').unwrap();
    let something = |name: &str| format!("{} (func ${name}))", &text[..end]);
    let run = |text: &str, mode| {
        let module = VERA.with(text);
        module.execute_until(
            &NativeRequest {
                mode,
                ..request(&[1])
            },
            &Interrupt::new(),
        )
    };
    for mode in MODES {
        run(&something("gone_new"), mode).unwrap();
        let without = |global: &str| {
            text.replace(&format!("${global} "), "$elsewhere ")
                .replace(&format!("${global}\n"), "$elsewhere\n")
        };
        for (changed, name) in [
            (something("gc_something_new"), "gc_something_new"),
            (without("gc_free_head"), "gc_free_head"),
            (without("gc_heap_start"), "gc_heap_start"),
        ] {
            let stop = run(&changed, mode).unwrap_err();
            assert!(matches!(stop, Stop::UnknownRuntime(_)), "{stop:?}");
            assert!(stop.to_string().contains(&format!("`{name}`")), "{stop}");
        }
    }
}

/// The memory begins with one page, and the shadow stack may lie across its end.
#[test]

fn a_shadow_stack_that_ends_in_a_later_page_is_one_all_the_same() {
    let program = PROGRAM.replace("a literal", &"a".repeat(65_500));
    let vera = Compiled::new(&program);
    let (base, limit) = (vera.global("gc_stack_base"), vera.global("gc_stack_limit"));
    assert!(base < 1 << 16 && limit > 1 << 16);
    let pushes = push("(local.get $at)").repeat(32);
    let main = |instruction: &str| {
        format!(
            "(func $:main (param $n i64) (result i64) (local $sp i32) (local $at i32)
               global.get $gc_sp local.set $sp
               (local.set $at (call $alloc (i32.const 8)))
               {pushes} {instruction} {RESTORE} (i64.const 7))"
        )
    };
    for mode in MODES {
        for root in [0, 31] {
            let module = vera.with_main(&main(&load("i32.load", base + 4 * root)));
            assert_eq!(value(&module.run(mode, &[1])), &Value::Int(7), "{root}");
        }
        let module = vera.with_main(&main(&load("i32.load", base + 128)));
        let outcome = module.run(mode, &[1]);
        assert!(finding(&outcome).what.contains("on the shadow stack"));
    }
}

#[test]

fn an_access_to_roots_counts_with_its_width() {
    let top = global("gc_stack_base") + 16;
    let none = |what: &str, at: u32| {
        Some(format!(
            "{what} at {at:#x}, on the shadow stack, where there is no root"
        ))
    };
    assert_accesses(&[
        (load("i64.load", top - 8), None),
        (load("i32.load8_u", top - 1), None),
        (store("i32.store16", top - 2), None),
        (load("i64.load", top - 4), none("load of 8 bytes", top - 4)),
        (
            store("i64.store", top - 4),
            none("store of 8 bytes", top - 4),
        ),
    ]);
}

#[test]

fn an_access_that_ends_in_a_header_is_told_by_the_block_that_it_leaves() {
    let a = at().a;
    let said = |what: &str, at: u32| {
        Some(format!(
            "{what} at byte {}, past the end of the live block of 12 bytes at {a:#x}",
            at - a
        ))
    };
    assert_accesses(&[
        (load("i64.load", a + 8), said("load of 8 bytes", a + 8)),
        (
            store("i32.store16", a + 11),
            said("store of 2 bytes", a + 11),
        ),
        (fill(a, 13), said("store of 13 bytes at once", a)),
    ]);
}
