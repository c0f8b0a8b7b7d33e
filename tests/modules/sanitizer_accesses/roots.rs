//! The shadow stack: what is pushed on it, and what a function leaves there.

use super::*;

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
