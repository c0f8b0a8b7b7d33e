//! What comes of rewriting a module is the same, byte for byte, until somebody
//! means to change it: counts and verdicts rest on it.
//!
//! `modules/` has modules as Vera compiled them: `plain.wat` has none of the
//! values that the host keeps, `wrap-table.wat` is of release 0.1.5 and has,
//! `prefixed.wat` is of 0.2.5. `digests.txt` has what comes of them; where it
//! should be another, the test prints the whole file anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use vera_stress_module::faults::{FaultKind, plant, sites};
use vera_stress_module::instrument::{Variant, instrument};
use vera_stress_module::sanitizer::rewrite::sanitize;
use vera_stress_module::tight::tighten;

const MODULES: [&str; 3] = ["plain", "wrap-table", "prefixed"];

const VARIANTS: [Variant; 7] = [
    Variant::Counted,
    Variant::Traced,
    Variant::Scheduled,
    Variant::Uncollected,
    Variant::Stepped,
    Variant::Probed,
    Variant::Sanitized,
];

/// FNV-1a, which is the same with every release of Rust.
/// <https://www.rfc-editor.org/rfc/rfc9923>
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn what_comes_of_a_module_is_the_same_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules");
    let mut all = String::new();
    for name in MODULES {
        let text = fs::read_to_string(folder.join(format!("{name}.wat"))).unwrap();
        let module = wat::parse_str(text).unwrap();
        let mut note = |what: &str, made: &[u8]| {
            writeln!(all, "{name} {what} {:016x}", digest(made)).unwrap();
        };
        let tight = tighten(&module).unwrap();
        note("tight", &tight);
        note(
            "tight-counted",
            &instrument(&tight, Variant::Counted).unwrap(),
        );
        for variant in VARIANTS {
            let made = instrument(&module, variant).unwrap();
            note(variant.name(), &made);
            if variant == Variant::Sanitized {
                let checked = sanitize(&made).unwrap().expect("it has an allocator");
                note("with-checks", &checked.wasm);
                note("accesses", format!("{}", checked.accesses.len()).as_bytes());
            }
        }
        for kind in FaultKind::ALL {
            if let Some(fault) = sites(&module, kind).unwrap().first() {
                note(&fault.to_string(), &plant(&module, *fault).unwrap());
            }
        }
    }
    let expected = fs::read_to_string(folder.join("digests.txt")).unwrap_or_default();
    assert!(all == expected, "digests.txt should be:\n{all}");
}
