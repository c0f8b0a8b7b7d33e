//! The wasmtime engines, and the thread that makes their clocks tick.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wasmtime::{Config, Engine};

/// The WebAssembly stack that Vera's runtime gives a program: wasmtime's own
/// default.
pub const STACK: usize = 512 * 1024;

/// The stack of a second attempt. Counting makes frames a few times as large,
/// never a hundred times.
const DEEP_STACK: usize = 128 * STACK;

/// The stack of a thread that runs on [`Machine::deep`]: the WebAssembly stack
/// and what the host needs beside it.
pub const DEEP_THREAD: usize = DEEP_STACK + 4 * 1024 * 1024;

/// How often a running program looks at the clock.
const TICK: Duration = Duration::from_millis(5);

/// How many frames a backtrace has at most.
const FRAMES: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not zero");

/// The wasmtime engines, and the thread that makes their clocks tick.
pub struct Machine {
    /// Counts fuel; the stack is Vera's.
    pub counting: Engine,
    /// Counts fuel; the stack is as large as it takes.
    pub deep: Engine,
    /// Counts nothing, like Vera's runtime: its frames have the same size.
    pub plain: Engine,
    ended: Arc<AtomicBool>,
}

impl Machine {
    /// Sets the engines up.
    pub fn new() -> Machine {
        let machine = Machine {
            counting: engine(true, STACK),
            deep: engine(true, DEEP_STACK),
            plain: engine(false, STACK),
            ended: Arc::default(),
        };
        let engines = [machine.counting.clone(), machine.deep.clone()];
        let ended = machine.ended.clone();
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(TICK);
                engines.iter().for_each(Engine::increment_epoch);
            }
        });
        machine
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// An engine that counts nothing, with a WebAssembly stack of this size.
pub fn with_stack(size: usize) -> Engine {
    engine(false, size)
}

/// An engine that counts, with the usual stack.
pub fn counting_engine() -> Engine {
    engine(true, 1024 * 1024)
}

/// A wasmtime engine set up as in Vera's runtime, and to count where asked to.
fn engine(counts: bool, stack: usize) -> Engine {
    let mut config = Config::new();
    config
        .wasm_exceptions(true)
        // The memory of a module that was made tight.
        .wasm_custom_page_sizes(true)
        .consume_fuel(counts)
        .epoch_interruption(counts)
        .max_wasm_stack(stack)
        // Not used here, and checked to be no smaller.
        .async_stack_size(stack.max(2 * 1024 * 1024))
        .wasm_backtrace_max_frames(Some(FRAMES));
    Engine::new(&config).expect("these settings are valid on every platform that wasmtime has")
}
