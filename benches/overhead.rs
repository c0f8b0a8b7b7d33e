//! What the native engine adds to a run: `cargo bench --bench overhead`.
//!
//! A module that works for about a millisecond is run by the engine, machine
//! code kept, and directly: instantiated and called with wasmtime as in Vera's
//! runtime. The two take turns; what is printed is the median of each, and the
//! difference.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vera_stress::case::{Budget, Ending, GcMode, Value};
use vera_stress::engine::folder::Given;
use vera_stress::engine::native::{CompiledProgram, Native, NativeRequest};
use vera_stress::interrupt::Interrupt;
use vera_stress::toolchain::about::About;
use wasmtime::{Engine, Instance, Module, Store};

const ROUNDS: usize = 201;

/// Sums up in a loop of n rounds.
const MODULE: &str = r#"(module
  (memory (export "vera.memory") 1)
  (func (export "main") (param i64) (result i64) (local i64)
    loop
      local.get 1 local.get 0 i64.add i64.const 0x9e3779b9 i64.xor local.set 1
      local.get 0 i64.const 1 i64.sub local.tee 0 i64.const 0 i64.ne br_if 0
    end
    local.get 1))"#;

const N: i64 = 2_000_000;

fn main() {
    let wasm = wat::parse_str(MODULE).expect("the module is valid");
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let (native, about, interrupt) = (Native::new(), About::default(), Interrupt::new());
    let program = CompiledProgram {
        wasm: &wasm,
        folder: folder.path(),
        about: &about,
    };
    let request = NativeRequest {
        arguments: vec![N.to_string()],
        input: Vec::new(),
        files: Arc::new(Given::nothing(folder.path())),
        env: BTreeMap::new(),
        mode: GcMode::Shipped,
        tight: false,
        seed: 0,
        budget: Budget::default(),
    };
    let engine = Engine::default();
    let module = Module::from_binary(&engine, &wasm).expect("the module is valid");

    let (mut ours, mut direct) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let start = Instant::now();
        let outcome = native
            .execute(&program, &request, &interrupt)
            .expect("it runs");
        let native_time = start.elapsed();

        let start = Instant::now();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
        let function = instance
            .get_typed_func::<i64, i64>(&mut store, "main")
            .expect("it has one");
        let sum = function.call(&mut store, N).expect("it does not trap");
        let direct_time = start.elapsed();

        let Ending::Returned { value, .. } = outcome.ending else {
            panic!("it does not return: {:?}", outcome.ending);
        };
        assert_eq!(value, Value::Int(sum), "both compute the same");
        // The first round makes the machine code.
        if round > 0 {
            ours.push(native_time);
            direct.push(direct_time);
        }
    }
    let (ours, direct) = (median(ours), median(direct));
    println!("directly        {direct:>12.1?}");
    println!("native engine   {ours:>12.1?}");
    println!(
        "it adds         {:>12.1?}  at most 3 ms",
        ours.saturating_sub(direct)
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
