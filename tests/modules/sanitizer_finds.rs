//! Programs that are known to be wrong, as the sanitizer finds them: on the
//! release that had the fault, at the scale at which it came out and far below.

use crate::native::{Module, Vera, scenario, trap, value};
use vera_stress::case::{Ending, Finding, GcMode, Lane, Outcome, Sources, Value};

const SANITIZE: GcMode = GcMode::Sanitize(None);

/// What makes the numbers of a scenario, and makes them look like addresses.
const NUMBERS: [(&str, &str, &str); 2] = [
    (
        "linked-list",
        "Cons(nat_to_int(@Nat.0), @List.0)",
        "Cons(nat_to_int(@Nat.0) + 81923, @List.0)",
    ),
    (
        "string-interpolation",
        "array_range(0, nat_to_int(@Nat.0))",
        "array_range(81924, 81924 + nat_to_int(@Nat.0))",
    ),
];

fn compile(release: &str, sources: &Sources) -> Module {
    Vera::of(release).compile_in(sources, Lane::NATIVE)
}

/// A scenario whose Ints begin at 81,924, where its heap begins in 0.1.5.
fn with_addresses(name: &str) -> Sources {
    let (_, from, to) = NUMBERS.iter().find(|it| it.0 == name).unwrap();
    let mut sources = scenario(name);
    let main = sources.files.get_mut(Sources::MAIN).unwrap();
    assert_eq!(main.matches(from).count(), 1, "{main}");
    *main = main.replace(from, to);
    sources
}

#[track_caller]
fn finding(outcome: &Outcome) -> &Finding {
    match &outcome.ending {
        Ending::Corrupt { finding } => finding,
        other => panic!("it was not found: {other:?}"),
    }
}

/// A byte that a collection changed, as a finding tells it.
#[derive(Debug)]
struct Changed {
    /// The byte, from the start of its block.
    offset: u32,
    /// Its address.
    at: u32,
    /// How long its block is.
    size: u32,
    /// The number that was taken for a pointer.
    taken: u32,
}

#[track_caller]
fn changed(finding: &Finding) -> Changed {
    let what = &finding.what;
    let number = |before: &str, after: &str| -> u32 {
        let rest = what.split_once(before).map(|(_, rest)| rest);
        let number = rest.and_then(|rest| rest.split_once(after));
        let number = number.and_then(|(number, _)| number.parse().ok());
        number.unwrap_or_else(|| panic!("{before}: {what}"))
    };
    let offset = number("the collection changed byte ", " of the live block of ");
    let (block, rest) = (&finding.blocks[0], " from 0x00 to 0x01; it took ");
    assert!(
        what.contains(&format!(" at {:#x}{rest}", block.address)),
        "{what}"
    );
    assert!(what.ends_with(", for a pointer"), "{what}");
    assert!(block.freed.is_none(), "{finding}");
    assert!(!block.allocated_by.is_empty(), "{finding}");
    Changed {
        offset,
        at: block.address + offset,
        size: number(" of the live block of ", " bytes at "),
        taken: number(rest, " ("),
    }
}

/// The number is a word of the program's own, and leads to the changed word.
#[track_caller]
fn assert_led_there(changed: &Changed) {
    let header = changed.taken - 4;
    assert!((header..header + 4).contains(&changed.at), "{changed:?}");
}

#[test]
fn the_faults_of_0_1_5_are_found_where_they_came_out() {
    for (name, n, offset, size) in [
        ("linked-list", 81_956, 12, 24),
        ("string-interpolation", 91_482, 4, 731_856),
    ] {
        let module = compile("0.1.5", &scenario(name));
        let outcome = module.run(SANITIZE, &[n]);
        let found = changed(finding(&outcome));
        assert_eq!((found.offset, found.size), (offset, size), "{name}");
        assert_led_there(&found);
        assert!(i64::from(found.taken) <= n, "{name}: {found:?}");
        // Below, no number is an address.
        assert!(matches!(
            value(&module.run(SANITIZE, &[100])),
            Value::Int(_)
        ));
    }
}

#[test]
fn with_numbers_like_addresses_they_are_found_at_a_small_scale() {
    for (name, smallest, size) in [("linked-list", 9, 8), ("string-interpolation", 9, 72)] {
        assert!(smallest < 1_000);
        let module = compile("0.1.5", &with_addresses(name));
        let outcome = module.run(SANITIZE, &[smallest]);
        let found = changed(finding(&outcome));
        assert_eq!((found.offset, found.size), (4, size), "{name}");
        assert_led_there(&found);
        assert!(found.taken >= 81_924, "{name}: {found:?}");
        assert!(matches!(
            value(&module.run(SANITIZE, &[smallest - 1])),
            Value::Int(_)
        ));
    }
}

/// The mark is the lowest bit of a word, so it shows in the word's first byte.
#[test]

fn the_number_that_is_named_is_the_one_that_was_taken() {
    for (name, own, n, taken) in [
        ("linked-list", true, 81_956, 81_956),
        ("string-interpolation", true, 91_482, 81_932),
        ("linked-list", false, 9, 81_932),
        ("string-interpolation", false, 9, 81_932),
    ] {
        let sources = if own {
            scenario(name)
        } else {
            with_addresses(name)
        };
        let outcome = compile("0.1.5", &sources).run(SANITIZE, &[n]);
        let found = changed(finding(&outcome));
        assert_eq!((found.taken, found.at), (taken, taken - 4), "{name}");
    }
}

#[test]
fn the_same_programs_are_not_reported_on_0_2_5() {
    for name in ["linked-list", "string-interpolation"] {
        let module = compile("0.2.5", &with_addresses(name));
        for n in [9, 300] {
            let outcome = module.run(SANITIZE, &[n]);
            assert!(matches!(value(&outcome), Value::Int(_)), "{name}");
        }
    }
    let texts = compile("0.2.5", &scenario("string-interpolation"));
    let outcome = texts.run(GcMode::Checks, &[91_482]);
    assert_eq!(value(&outcome), &Value::Int(455_917_266));
    // A limit of its own, which is known, comes first here.
    let list = compile("0.2.5", &scenario("linked-list"));
    let outcome = list.run(SANITIZE, &[81_956]);
    assert_eq!(trap(&outcome).kind, "stack_exhausted");
}

#[test]
fn a_root_that_0_2_5_lacks_is_found_as_soon_as_it_is_missed() {
    let module = compile("0.2.5", &scenario("state-cell-heap"));
    assert!(matches!(value(&module.run(SANITIZE, &[1])), Value::Int(_)));
    let outcome = module.run(SANITIZE, &[2]);
    let found = finding(&outcome);
    let block = &found.blocks[0];
    let said = format!(
        "load of 4 bytes at byte 4 of the freed block of 16 bytes at {:#x}",
        block.address
    );
    assert_eq!(found.what, said);
    let line = found.message();
    for part in [
        "in shift (main.vera:31",
        "allocated by shifted (main.vera:8",
        "at an allocation in passed (main.vera:17",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let freed = block.freed.as_ref().unwrap();
    assert!(freed.scheduled);
    assert!(!freed.roots.contains(&block.address), "{found}");
    // It lies in wait where the collector is as shipped.
    assert!(matches!(
        value(&module.run(GcMode::Checks, &[2])),
        Value::Int(_)
    ));
}
