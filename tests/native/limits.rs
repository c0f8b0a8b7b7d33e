//! What ends a program that does not end by itself: its budgets of memory, work,
//! time and output, its stack, and the user.

use std::time::{Duration, Instant};

use crate::native::{Module, measures, number, request, trap};
use vera_stress::case::{Bytes, Clock, Doing, Ending, GcMode, Instructions};
use vera_stress::engine::native::NativeRequest;
use vera_stress::interrupt::Interrupt;
use vera_stress::toolchain::compile::Stop;

/// Longer than anything here takes that is not stuck, on whatever machine.
const STUCK: Duration = Duration::from_mins(10);

/// A module with this body of `main`, which takes n, and these other fields.
fn main_of(fields: &str, body: &str) -> Module {
    Module::text(&format!(
        "(module {fields} (func (export \"main\") (param i64) (result i64) {body}))"
    ))
}

/// A request with a memory budget.
fn with_memory(mebi: u64, mode: GcMode) -> NativeRequest {
    let mut request = request(&[1]);
    request.mode = mode;
    request.budget.memory = Bytes::mebi(mebi);
    request
}

#[test]
fn memory_above_the_budget_is_over_memory() {
    let initial = main_of("(memory (export \"memory\") 33)", "local.get 0");
    let grown = main_of(
        "(memory (export \"memory\") 1)",
        "(drop (memory.grow (i32.const 32))) local.get 0",
    );
    for (module, seen) in [(&initial, 33), (&grown, 33)] {
        let ending = module.execute(&with_memory(2, GcMode::Shipped)).ending;
        let Ending::OverMemory {
            limit,
            seen: most,
            doing,
        } = ending
        else {
            panic!("{ending:?}");
        };
        assert_eq!((limit, doing), (Bytes::mebi(2), Doing::Running));
        assert_eq!(most, Bytes(seen * 65_536));
        assert_eq!(number(&module.execute(&with_memory(3, GcMode::Shipped))), 1);
    }
    // Never that much: a program may ask for all there is.
    let all = main_of("(memory 65536)", "local.get 0");
    let ending = all.execute(&with_memory(512, GcMode::Shipped)).ending;
    assert!(matches!(ending, Ending::OverMemory { .. }), "{ending:?}");
    // A module's own maximum is no budget of ours: growing fails, and that is all.
    let own = main_of(
        "(memory 1 2)",
        "(i64.extend_i32_s (memory.grow (i32.const 9)))",
    );
    assert_eq!(number(&own.execute(&with_memory(512, GcMode::Shipped))), -1);
    let table = main_of(
        "(table $t 1 funcref)",
        "(i64.extend_i32_s (table.grow $t (ref.null func) (i32.const 2000000000)))",
    );
    assert_eq!(
        number(&table.execute(&with_memory(512, GcMode::Shipped))),
        -1
    );
}

#[test]
fn a_loop_without_end_spends_its_work_exactly() {
    let endless = main_of("", "(loop $l (br $l)) local.get 0");
    let mut request = request(&[1]);
    request.budget.instructions = Instructions(1_000_000);
    let fuel = |request: &NativeRequest| {
        let outcome = endless.execute(request);
        let limit = request.budget.instructions;
        assert_eq!(outcome.ending, Ending::OverInstructions { limit });
        measures(&outcome).instructions
    };
    let first = fuel(&request);
    assert!(first > Instructions(1_000_000), "{first}");
    assert_eq!(fuel(&request), first);
    request.budget.instructions = Instructions(2_000_000);
    assert!(fuel(&request) > first);
    request.budget.instructions = Instructions(1);
    fuel(&request);
}

/// The ending of a module that has `time` for its work and no other limit.
fn ends_by_the_clock(module: &Module, time: Duration) -> Ending {
    let mut request = request(&[1]);
    request.budget.time = time;
    request.budget.instructions = Instructions(u64::MAX);
    module.execute(&request).ending
}

#[test]
fn a_loop_without_end_ends_by_the_clock() {
    let limit = Duration::from_millis(100);
    for body in ["", "(call $time) drop", "(call $none)"] {
        let fields = "(import \"vera\" \"time\" (func $time (result i64))) (func $none)";
        let endless = main_of(fields, &format!("(loop $l {body} (br $l)) local.get 0"));
        let ending = ends_by_the_clock(&endless, limit);
        let over = Ending::OverTime {
            limit,
            clock: Clock::Processor,
            doing: Doing::Running,
        };
        assert_eq!(ending, over, "{body}");
    }
    let start = Module::text("(module (func $start (loop $l (br $l))) (start $start))");
    let ending = ends_by_the_clock(&start, limit);
    assert!(matches!(ending, Ending::OverTime { .. }), "{ending:?}");
}

#[test]
fn a_recursion_without_end_exhausts_the_stack() {
    let started = Instant::now();
    for frame in ["", "(local.set 0 (i64.add (local.get 0) (i64.const 1)))"] {
        let body = format!("{frame} (call $f (local.get 0)) local.get 0 i64.add");
        let field = format!("(func $f (param i64) (result i64) {body})");
        let endless = main_of(&field, "(call $f (local.get 0))");
        let outcome = endless.shipped(&[1]);
        let trap = trap(&outcome);
        assert_eq!(trap.kind, "stack_exhausted");
        assert_eq!(trap.message, "WASM call stack exhausted");
        assert!(!trap.frames.is_empty() && trap.frames.len() <= 20);
    }
    assert!(started.elapsed() < STUCK);
}

/// A module that goes `$depth` calls deep, and there does `body` without end.
fn endless_below(depth: u32, body: &str) -> Module {
    let fields = format!(
        "(import \"vera\" \"time\" (func $time (result i64)))
         (memory 256) (table $t 100000 funcref)
         (func $down (param $left i32) (param $a i64) (param $b i64) (result i64)
           (if (i32.eqz (local.get $left)) (then (loop $l {body} (br $l))))
           (call $down (i32.sub (local.get $left) (i32.const 1))
             (i64.mul (local.get $a) (local.get $b)) (i64.xor (local.get $a) (local.get $b)))
           local.get $a i64.add local.get $b i64.sub)"
    );
    let start = format!("(call $down (i32.const {depth}) (local.get 0) (i64.const 3))");
    main_of(&fields, &start)
}

#[test]
fn a_loop_without_end_below_a_deep_recursion_ends() {
    for body in [
        "",
        "(drop (call $time))",
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 0xff0000))",
        "(memory.copy (i32.const 0) (i32.const 9) (i32.const 0xff0000))",
        "(table.fill $t (i32.const 0) (ref.null func) (i32.const 100000))",
    ] {
        // Deeper than counting can go, and not so deep as Vera can.
        let mut depth = 3_000;
        loop {
            let module = endless_below(depth, body);
            let ending = ends_by_the_clock(&module, Duration::from_millis(200));
            assert!(
                matches!(ending, Ending::OverTime { .. }),
                "{body}: {ending:?}"
            );
            if module.was_run_again() {
                break;
            }
            depth += depth / 5;
        }
    }
}

#[test]
fn a_flood_of_output_ends_at_the_budget() {
    for stream in ["print", "stderr"] {
        let fields = format!(
            "(import \"vera\" \"{stream}\" (func $write (param i32 i32)))
             (memory (export \"memory\") 1) (data (i32.const 0) \"0123456789\")"
        );
        let flood = main_of(
            &fields,
            "(loop $l (call $write (i32.const 0) (i32.const 10)) (br $l)) local.get 0",
        );
        let mut request = request(&[1]);
        request.budget.output = Bytes(1_000);
        let outcome = flood.execute(&request);
        let limit = Bytes(1_000);
        let doing = Doing::Running;
        assert_eq!(outcome.ending, Ending::OverOutput { limit, doing });
        // What was printed up to there is kept, and no more.
        assert_eq!(outcome.stdout.len() + outcome.stderr.len(), 1_010);
    }
}

#[test]
fn an_interrupt_ends_a_running_program() {
    let endless = main_of("", "(loop $l (br $l)) local.get 0");
    let interrupt = Interrupt::new();
    let started = Instant::now();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            interrupt.set();
        });
        let mut request = request(&[1]);
        request.budget.instructions = Instructions(u64::MAX);
        endless.execute_until(&request, &interrupt)
    });
    assert!(matches!(stopped, Err(Stop::Interrupted)), "{stopped:?}");
    assert!(started.elapsed() < STUCK);
    // And one that was set before keeps it from running.
    let stopped = endless.execute_until(&request(&[1]), &interrupt);
    assert!(matches!(stopped, Err(Stop::Interrupted)), "{stopped:?}");
}
