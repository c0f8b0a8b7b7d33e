//! Canaries of the sanitizer's checks: accesses that no compiler should have
//! made, in a module of Vera's whose `main` is replaced. Each has a twin that is
//! right and must not be reported.

mod blocks;
mod definedness;
mod findings;
mod roots;

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

fn copy(to: u32, from: u32, length: u32) -> String {
    format!("(memory.copy (i32.const {to}) (i32.const {from}) (i32.const {length}))")
}

fn fill(at: u32, length: u32) -> String {
    format!("(memory.fill (i32.const {at}) (i32.const 0) (i32.const {length}))")
}

const RESTORE: &str = "(global.set $gc_sp (local.get $sp))";
