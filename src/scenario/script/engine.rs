//! Rhai within limits that are the same on every machine.

use std::cell::Cell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine, EvalAltResult, ParseError, Position};

use crate::clock::thread_time;

/// How many operations one script may use: about ten seconds of work.
const MAX_OPERATIONS: u64 = 200_000_000;
/// The longest text that a script may make, in bytes.
const MAX_STRING: usize = 128 * 1024 * 1024;
/// The largest array or map that a script may make.
const MAX_ELEMENTS: usize = 16_000_000;
/// How long one script may run where its scenario has no budget to say it.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(10);
/// The stack of the thread that a script runs on: enough for as many calls within
/// expressions as the limits allow. Only what is used is taken.
const STACK: usize = 256 << 20;

thread_local! {
    /// When the script that runs on this thread has to end, and how much processor
    /// time it may take: a busy machine takes nothing of it.
    static DEADLINE: Cell<Option<(Instant, Duration)>> = const { Cell::new(None) };
}

/// Runs a script on a thread of its own, so that its recursion ends at Rhai's
/// limits and not at the stack of whoever asked, and for no longer than `limit`.
pub fn on_large_stack<T: Send>(limit: Duration, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let script = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || {
                DEADLINE.set(Some((Instant::now() + limit, limit)));
                work()
            })
            .expect("a thread can be started: the run itself needs several");
        match script.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// One engine for all scripts: it holds no state of theirs.
pub static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new();
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_string_size(MAX_STRING)
        .set_max_array_size(MAX_ELEMENTS)
        .set_max_map_size(MAX_ELEMENTS)
        // Fixed, because the defaults of debug and release builds differ.
        .set_max_call_levels(256)
        .set_max_expr_depths(128, 128)
        .set_strict_variables(true)
        .disable_symbol("eval")
        .on_progress(|operations| {
            let late = || {
                let passed = |(end, limit)| Instant::now() > end && thread_time() > limit;
                DEADLINE.get().is_some_and(passed)
            };
            (operations % 64 == 0 && late()).then_some(Dynamic::UNIT)
        })
        .on_print(|_| {})
        .on_debug(|_, _, _| {});
    engine
});

/// A parse error without its position, which is shown apart.
pub fn sentence(error: &ParseError) -> String {
    format!(
        "this is not a Rhai expression or script: {}",
        error.err_type()
    )
}

/// The script's function in which an error arose, where it was in one that
/// another called.
pub fn innermost_function(error: &EvalAltResult) -> Option<&str> {
    match error {
        EvalAltResult::ErrorInFunctionCall(name, _, inner, _) => {
            Some(innermost_function(inner).unwrap_or(name))
        }
        _ => None,
    }
}

/// What made a script fail that might take so long, and where: the innermost cause.
pub fn failure(error: EvalAltResult, limit: Duration) -> (String, Position) {
    let position = error.position();
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => failure(*inner, limit),
        EvalAltResult::ErrorTooManyOperations(_) => (
            format!(
                "more than {MAX_OPERATIONS} operations; find a cheaper computation of the same result"
            ),
            position,
        ),
        EvalAltResult::ErrorTerminated(..) => (
            format!(
                "more than {}, which is all that a case of the scenario may take; find a cheaper computation of the same result",
                humantime::format_duration(limit)
            ),
            position,
        ),
        mut other => {
            other.set_position(Position::NONE);
            (other.to_string(), position)
        }
    }
}
