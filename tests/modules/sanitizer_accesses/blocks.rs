//! Accesses to blocks, and to what lies between them.

use super::*;

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
