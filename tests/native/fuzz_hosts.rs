//! Host functions given addresses, lengths, handles and numbers that no compiled
//! program gives them: they write nowhere else, and take no more than there is.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::native::{Module, number, request};
use proptest::prelude::*;
use proptest::sample::select;
use vera_stress::case::{Bytes, Ending, GcMode, Instructions};
use vera_stress::engine::native::NativeRequest;

/// A request with budgets that are spent in a moment.
fn small(arguments: &[i64], mode: GcMode) -> NativeRequest {
    let mut request = request(arguments);
    request.mode = mode;
    request.budget.time = Duration::from_secs(2);
    request.budget.memory = Bytes::mebi(4);
    request.budget.output = Bytes(10_000);
    request.budget.instructions = Instructions(5_000_000);
    request
}

/// Longer than any case takes that is not stuck, on whatever machine.
const STUCK: Duration = Duration::from_mins(10);

/// The imports that take addresses, lengths, handles or numbers, with what they
/// take and give.
fn imports() -> Vec<(String, Vec<&'static str>, &'static str)> {
    let mut all = Vec::new();
    let mut add = |name: &str, takes: &[&'static str], gives| {
        all.push((name.to_owned(), takes.to_vec(), gives));
    };
    let (word, wide, float) = ("i32", "i64", "f64");
    for name in ["print", "stderr", "contract_fail"] {
        add(name, &[word, word], "");
    }
    for name in ["get_env", "read_file", "read_bytes", "decimal_from_string"] {
        add(name, &[word, word], word);
    }
    for name in ["write_file", "write_bytes"] {
        add(name, &[word, word, word, word], word);
    }
    add("trap", &[word, word, word], "");
    add("host_decref_handle", &[word, word], "");
    add("attach_bucket_to_wrapper", &[word, word, word], "");
    for name in [
        "decimal_add",
        "decimal_sub",
        "decimal_mul",
        "decimal_div",
        "decimal_compare",
        "decimal_eq",
    ] {
        add(name, &[word, word], word);
    }
    for name in ["decimal_neg", "decimal_abs"] {
        add(name, &[word], word);
    }
    add("decimal_to_string", &[word], "i32 i32");
    add("decimal_to_float", &[word], float);
    add("decimal_round", &[word, wide], word);
    add("decimal_from_int", &[wide], word);
    add("decimal_from_float", &[float], word);
    add("random_int", &[wide, wide], wide);
    add("sleep", &[wide], "");
    add("exit", &[wide], "");
    add("map_size", &[word], wide);
    add("set_size", &[word], wide);
    let kinds = [
        ("i", vec![wide]),
        ("f", vec![float]),
        ("b", vec![word]),
        ("s", vec![word, word]),
    ];
    for (key, k) in &kinds {
        let with_key = [&[word], &k[..]].concat();
        for name in ["set_add", "set_contains", "set_remove"] {
            add(&format!("{name}$e{key}"), &with_key, word);
        }
        add(&format!("set_to_array$e{key}"), &[word], "i32 i32");
        for name in ["map_contains", "map_remove"] {
            add(&format!("{name}$k{key}"), &with_key, word);
        }
        add(&format!("map_keys$k{key}"), &[word], "i32 i32");
        add(&format!("map_values$v{key}"), &[word], "i32 i32");
        for (value, v) in &kinds {
            add(&format!("map_get$k{key}_v{value}"), &with_key, word);
            add(
                &format!("map_insert$k{key}_v{value}"),
                &[&with_key[..], v].concat(),
                word,
            );
        }
    }
    all
}

/// A module that fills its memory from a seed, calls one import with what it is
/// given, and says whether anything has changed but what the host may write: the
/// shadow stack, and what it allocated.
fn caller(name: &str, takes: &[&str], gives: &str) -> Module {
    let given: Vec<String> = (0..takes.len())
        .map(|place| format!("(local.get {})", place + 1))
        .zip(takes)
        .map(|(local, ty)| match *ty {
            "i32" => format!("(i32.wrap_i64 {local})"),
            "f64" => format!("(f64.reinterpret_i64 {local})"),
            _ => local,
        })
        .collect();
    let drops = "(drop)".repeat(gives.split_whitespace().count());
    let parameters = "i64 ".repeat(takes.len() + 1);
    Module::text(&format!(
        r#"(module
  (import "vera" "{name}" (func $import (param {takes}) (result {gives})))
  (memory (export "memory") 2 16)
  (global $heap_ptr (export "heap_ptr") (mut i32) (i32.const 40000))
  (global $gc_sp (export "gc_sp") (mut i32) (i32.const 1024))
  (global $gc_stack_base i32 (i32.const 1024))
  (global $gc_stack_limit (export "gc_stack_limit") i32 (i32.const 2048))
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (if (i32.lt_s (local.get $size) (i32.const 0)) (then unreachable))
    (loop $again
      (if (i32.gt_u (i32.add (global.get $heap_ptr) (local.get $size)) (i32.shl (memory.size) (i32.const 16)))
        (then
          (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
          (br $again))))
    global.get $heap_ptr
    (global.set $heap_ptr (i32.add (global.get $heap_ptr) (local.get $size))))
  (func $gc_collect)
  (func (export "register_wrapper") (param i32 i32 i32))
  ;; Numbers of all sizes: a few small ones, a few addresses, and others.
  (func $fill (param $seed i64)
    (local $at i32) (local $word i32)
    (loop $again
      (local.set $seed (i64.add (i64.mul (local.get $seed) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
      (local.set $word (i32.wrap_i64 (i64.shr_u (local.get $seed) (i64.const 32))))
      (if (i32.and (local.get $word) (i32.const 1)) (then (local.set $word (i32.rem_u (local.get $word) (i32.const 32)))))
      (if (i32.eq (i32.and (local.get $word) (i32.const 6)) (i32.const 2)) (then (local.set $word (i32.rem_u (local.get $word) (i32.const 50000)))))
      (i32.store (local.get $at) (local.get $word))
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 131072))))
    ;; At 4096, a map or set whose bucket could be one.
    (i32.store (i32.const 4104) (i32.const 8192))
    (i32.store (i32.const 8192) (i32.rem_u (local.get $word) (i32.const 300)))
    (i32.store (i32.const 8196) (i32.rem_u (i32.wrap_i64 (local.get $seed)) (i32.const 400))))
  (func $sum (param $at i32) (param $end i32) (result i64)
    (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.load32_u (local.get $at))))
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    local.get $sum)
  (func $canary (result i64)
    (i64.xor (call $sum (i32.const 0) (i32.const 1024)) (call $sum (i32.const 2048) (i32.const 40000))))
  (func (export "main") (param {parameters}) (result i64)
    (local $before i64)
    (call $fill (local.get 0))
    (local.set $before (call $canary))
    {given}
    (call $import) {drops}
    (i64.extend_i32_u (i64.eq (local.get $before) (call $canary)))))"#,
        takes = takes.join(" "),
        given = given.join(" "),
    ))
}

/// Every import with the module that calls it.
fn callers() -> &'static [(String, usize, Module)] {
    static ALL: OnceLock<Vec<(String, usize, Module)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = imports().into_iter();
        all.map(|(name, takes, gives)| {
            let module = caller(&name, &takes, gives);
            (name, takes.len(), module)
        })
        .collect()
    })
}

/// Numbers that are addresses, lengths, counts, or none of those.
fn argument() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(4_096i64),
        4 => 0..1_000i64,
        4 => (0..10_000i64).prop_map(|word| word * 4),
        2 => 39_000..132_000i64,
        1 => select(vec![0, 1, -1, 131_072, 131_071, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN]),
        1 => any::<i64>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_host_function_given_anything_writes_nowhere_else(
        seed: i64,
        arguments in prop::collection::vec(argument(), 5),
        eager: bool,
    ) {
        let mode = if eager { GcMode::Eager } else { GcMode::Shipped };
        for (name, takes, module) in callers() {
            let given = [&[seed], &arguments[..*takes]].concat();
            let started = Instant::now();
            let outcome = module.execute(&small(&given, mode));
            prop_assert!(started.elapsed() < STUCK, "{}", name);
            match &outcome.ending {
                Ending::Returned { exit_code: Some(_), .. } => prop_assert_eq!(name, "exit"),
                Ending::Returned { .. } => prop_assert_eq!(number(&outcome), 1, "{}", name),
                Ending::Trapped(trap) => {
                    let expected = ["out_of_bounds", "host_error", "unreachable"];
                    prop_assert!(expected.contains(&trap.kind.as_str()), "{}: {:?}", name, trap);
                }
                Ending::OverOutput { .. } | Ending::OverMemory { .. } | Ending::Unsupported { .. } => {}
                other => prop_assert!(false, "{}: {:?}", name, other),
            }
        }
    }
}

#[test]
fn many_texts_that_are_the_same_long_one_are_no_reason_to_run_out_of_memory() {
    // 20,000 slots, and in each as key and value the same half megabyte: ten
    // gigabytes of text in a memory of one.
    let wide = |name: &str, takes: &str, gives: &str, given: &str| {
        Module::text(&format!(
            r#"(module
  (import "vera" "{name}" (func $import (param {takes}) (result {gives})))
  (memory (export "memory") 16 60)
  (global $gc_sp (export "gc_sp") (mut i32) (i32.const 0))
  (global $gc_stack_base i32 (i32.const 0))
  (global $gc_stack_limit (export "gc_stack_limit") i32 (i32.const 1024))
  (func $gc_collect)
  (func $alloc (export "alloc") (param i32) (result i32)
    (drop (memory.grow (i32.const 10)))
    i32.const 1048576)
  (func (export "main") (result i64)
    (local $at i32)
    (i32.store (i32.const 1032) (i32.const 2048))
    (i32.store (i32.const 2048) (i32.const 20000))
    (i32.store (i32.const 2052) (i32.const 20000))
    (local.set $at (i32.const 2056))
    (loop $again
      (i32.store (local.get $at) (i32.const 1))
      (i32.store offset=4 (local.get $at) (i32.const 500000))
      (i32.store offset=8 (local.get $at) (i32.const 500000))
      (i32.store offset=12 (local.get $at) (i32.const 500000))
      (i32.store offset=16 (local.get $at) (i32.const 500000))
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 20))) (i32.const 402056))))
    (call $import (i32.const 1024) {given})
    (i64.extend_i32_u)))"#
        ))
    };
    let two = "(i32.const 0) (i32.const 3)";
    for (name, takes, gives, given) in [
        ("map_keys$ks", "i32", "i32 i32", "(drop)"),
        ("map_values$vs", "i32", "i32 i32", "(drop)"),
        ("set_to_array$es", "i32", "i32 i32", "(drop)"),
        ("set_add$es", "i32 i32 i32", "i32", two),
        (
            "map_insert$ks_vs",
            "i32 i32 i32 i32 i32",
            "i32",
            "(i32.const 0) (i32.const 3) (i32.const 0) (i32.const 3)",
        ),
        ("map_contains$ks", "i32 i32 i32", "i32", two),
        ("map_remove$ks", "i32 i32 i32", "i32", two),
        ("map_get$ks_vs", "i32 i32 i32", "i32", two),
    ] {
        let module = if given == "(drop)" {
            wide(name, takes, gives, ") (drop")
        } else {
            wide(name, takes, gives, given)
        };
        let started = Instant::now();
        let mut request = small(&[], GcMode::Shipped);
        request.budget.time = Duration::from_millis(300);
        let ending = module.execute(&request).ending;
        let stopped = matches!(ending, Ending::OverMemory { .. } | Ending::OverTime { .. });
        assert!(stopped, "{name}: {ending:?}");
        assert!(started.elapsed() < STUCK, "{name}");
    }
}
