//! What the host is given, and what a finding tells.

use super::*;

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
