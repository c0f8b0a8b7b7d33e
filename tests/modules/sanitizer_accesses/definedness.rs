//! Loads of what nobody has written.

use super::*;

/// Behind `C` lies a new block, of which nothing is written.
const NEW: u32 = 200;

#[test]
fn what_was_never_written_must_not_be_loaded() {
    let at = at().c + 16;
    let new = |body: &str| format!("(drop (call $alloc (i32.const {NEW}))) {body}");
    let never = |what: &str, byte: u32, first: u32| {
        Some(format!(
            "{what} at byte {byte} of the live block of {NEW} bytes at {at:#x}, of which byte {first} was never written"
        ))
    };
    let mut all = Vec::new();
    for (instruction, width) in LOADS {
        let what = format!("load of {}", bytes(width));
        let loads = load(instruction, at + 8);
        all.push((new(&loads), never(&what, 8, 8)));
        // Whoever writes all of it, in one piece or byte by byte, has written it.
        for (stores, stored) in STORES {
            let parts = (0..width).step_by(stored as usize);
            let parts: String = parts.map(|part| store(stores, at + 8 + part)).collect();
            all.push((new(&format!("{parts} {loads}")), None));
        }
        // One byte is not enough, be it the first or the last.
        if width > 1 {
            let first = store("i32.store8", at + 8);
            all.push((new(&format!("{first} {loads}")), never(&what, 8, 9)));
            let last = store("i32.store8", at + 8 + width - 1);
            all.push((new(&format!("{last} {loads}")), never(&what, 8, 8)));
        }
    }
    assert_accesses(&all);
}

#[test]
fn a_copy_takes_along_what_was_never_written() {
    let at = at().c + 16;
    let new = |body: &str| format!("(drop (call $alloc (i32.const {NEW}))) {body}");
    let copy = |to: u32, from: u32, length: u32| {
        format!(
            "(memory.copy (i32.const {}) (i32.const {}) (i32.const {length}))",
            at + to,
            at + from
        )
    };
    let fill = |from: u32, length: u32| {
        format!(
            "(memory.fill (i32.const {}) (i32.const 1) (i32.const {length}))",
            at + from
        )
    };
    let byte = |byte: u32| load("i32.load8_u", at + byte);
    let never = |byte: u32| {
        Some(format!(
            "load of 1 byte at byte {byte} of the live block of {NEW} bytes at {at:#x}, of which byte {byte} was never written"
        ))
    };
    assert_accesses(&[
        (new(&copy(100, 0, 50)), None),
        (
            new(&format!("{}{}", copy(100, 0, 50), byte(149))),
            never(149),
        ),
        (
            new(&format!("{}{}{}", fill(0, 50), copy(100, 0, 50), byte(149))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(0, 49), copy(100, 0, 50), byte(148))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(0, 49), copy(100, 0, 50), byte(149))),
            never(149),
        ),
        // What was written is as the copy is.
        (
            new(&format!(
                "{}{}{}",
                fill(100, 9),
                copy(100, 0, 50),
                byte(100)
            )),
            never(100),
        ),
        // Over itself, upwards and downwards.
        (
            new(&format!("{}{}{}", fill(0, 20), copy(10, 0, 30), byte(29))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(0, 20), copy(10, 0, 30), byte(30))),
            never(30),
        ),
        (
            new(&format!("{}{}{}", fill(20, 20), copy(10, 20, 30), byte(29))),
            None,
        ),
        (
            new(&format!("{}{}{}", fill(20, 20), copy(10, 20, 30), byte(30))),
            never(30),
        ),
        // Literals are written.
        (
            new(&format!(
                "(memory.copy (i32.const {at}) (i32.const 0) (i32.const 8)){}",
                byte(7)
            )),
            None,
        ),
    ]);
}

/// Long ranges are looked at by the host, whose answers are the same.
#[test]
fn a_long_copy_takes_it_along_as_well() {
    let at = at().c + 16;
    let size = 4_000;
    let body = |filled: u32, loaded: u32| {
        format!(
            "(drop (call $alloc (i32.const {size})))
             (memory.fill (i32.const {at}) (i32.const 1) (i32.const {filled}))
             (memory.copy (i32.const {}) (i32.const {at}) (i32.const 1500)) {}",
            at + 2_000,
            load("i32.load8_u", at + 2_000 + loaded)
        )
    };
    let said = format!(
        "load of 1 byte at byte 3000 of the live block of {size} bytes at {at:#x}, of which byte 3000 was never written"
    );
    assert_accesses(&[
        (body(1_500, 1_499), None),
        (body(1_000, 999), None),
        (body(1_000, 1_000), Some(said)),
    ]);
}

/// Random writes, copies and loads in a new block, beside a model that knows of each
/// byte whether it was written: the first load of one that was not is reported, and
/// nothing else.
#[test]
fn what_was_written_is_known_byte_by_byte() {
    let at = at().c + 16;
    let mut rng = Rng::new(7);
    let mut below = |bound: u32| rng.below(u64::from(bound).try_into().unwrap()) as u32;
    let mut all: Vec<Access> = Vec::new();
    while all.len() < 60 {
        let mut written = [false; NEW as usize];
        let mut body = format!("(drop (call $alloc (i32.const {NEW})))");
        let mut found = None;
        while found.is_none() && body.len() < 6_000 {
            let range = |at: u32, length: u32| at as usize..(at + length) as usize;
            match below(8) {
                0 | 1 => {
                    let (instruction, width) = STORES[below(10) as usize];
                    let to = below(NEW - width + 1);
                    body += &store(instruction, at + to);
                    written[range(to, width)].fill(true);
                }
                2 => {
                    let length = below(40);
                    let to = below(NEW - length + 1);
                    body += &format!(
                        "(memory.fill (i32.const {}) (i32.const 1) (i32.const {length}))",
                        at + to
                    );
                    written[range(to, length)].fill(true);
                }
                3 | 4 => {
                    let length = below(60);
                    let [to, from] = [(); 2].map(|()| below(NEW - length + 1));
                    body += &format!(
                        "(memory.copy (i32.const {}) (i32.const {}) (i32.const {length}))",
                        at + to,
                        at + from
                    );
                    written.copy_within(range(from, length), to as usize);
                }
                // Loads of what was written, and now and then of anything.
                _ => {
                    let (instruction, width) = LOADS[below(10) as usize];
                    let from = below(NEW - width + 1);
                    let missing = written[range(from, width)].iter().position(|it| !it);
                    if missing.is_some() && below(12) > 0 {
                        continue;
                    }
                    body += &load(instruction, at + from);
                    found = missing.map(|missing| {
                        format!(
                            "load of {} at byte {from} of the live block of {NEW} bytes at {at:#x}, of which byte {} was never written",
                            bytes(width),
                            from as usize + missing
                        )
                    });
                }
            }
        }
        all.push((body, found));
    }
    assert!(all.iter().filter(|(_, found)| found.is_none()).count() < 55);
    assert_accesses(&all);
}
