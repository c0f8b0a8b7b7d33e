use super::*;
use crate::instrument::{Variant, instrument};

const RUNTIME: &str = r#"
    (memory (export "vera.memory") 1)
    (global $gc_sp (mut i32) (i32.const 8))
    (global $gc_stack_base i32 (i32.const 8))
    (global $gc_stack_limit i32 (i32.const 16))
    (global $heap_ptr (mut i32) (i32.const 64))
    (func $":main" (param i32) local.get 0 if end)
    (func $alloc (export "vera.alloc") (param $size i32) (result i32)
      (local $node i32) (local $total i32)
      global.get $gc_sp i32.const 4 i32.add global.get $gc_stack_limit i32.gt_u
      if unreachable end
      block $done
        local.get $node i32.eqz br_if $done
        local.get $node local.get $size i32.ge_u
        if i32.const 1 return end
      end
      local.get $size i32.const 7 i32.and
      if (result i32) i32.const 2 else unreachable end)"#;

const COLLECT: &str = "(func $gc_collect)
    (func $eq_Key (param i32) local.get 0 if nop else nop end)";

fn module() -> Vec<u8> {
    wat::parse_str(format!("(module {RUNTIME} {COLLECT})")).unwrap()
}

fn names() -> Vec<(String, bool)> {
    let all = branches(&module()).unwrap();
    all.into_iter().map(|it| (it.name, it.traps)).collect()
}

#[test]
fn branches_are_told_by_what_is_known_of_them_and_else_by_their_number() {
    let expected = [
        ("alloc: entered", false),
        ("alloc: first fit missed", false),
        ("alloc: a free block looked at", false),
        ("alloc: first fit hit", false),
        ("alloc: a free block too small", false),
        ("alloc: branch 3 taken", false),
        ("alloc: branch 3 not taken", true),
        ("gc_collect: entered", false),
        ("eq_*: entered", false),
        ("eq_*: an `if` taken", false),
        ("eq_*: an `if` not taken", false),
    ];
    let expected = expected.map(|(name, traps)| (name.to_owned(), traps));
    assert_eq!(names(), expected);
}

#[test]
fn the_condition_is_shown_as_far_as_it_is_simple() {
    let all = branches(&module()).unwrap();
    let text = |name: &str| &all.iter().find(|it| it.name == name).unwrap().text;
    assert_eq!(text("alloc: first fit missed"), "local.get 1 i32.eqz");
    let last = text("alloc: branch 3 taken");
    assert!(last.ends_with("local.get 0 i32.const 7 i32.and"), "{last}");
}

#[test]
fn a_marked_module_is_valid_and_has_a_mark_for_each_branch() {
    let marked = instrument(&module(), Variant::Marked).unwrap();
    assert!(Anatomy::of(&marked).is_ok());
    let text = wasmprinter::print_bytes(&marked).unwrap();
    for branch in 0..names().len() {
        assert!(text.contains(&format!("\"{}\"", mark(branch))));
    }
    assert!(!text.contains(&format!("\"{}\"", mark(names().len()))));
}

#[test]
fn a_module_without_a_runtime_has_no_branches() {
    let wasm = wat::parse_str("(module (func $main (param i32) local.get 0 if end))").unwrap();
    assert_eq!(branches(&wasm).unwrap(), []);
    assert!(instrument(&wasm, Variant::Marked).is_ok());
}
