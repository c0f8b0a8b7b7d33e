//! Random events on the heap of what Vera compiles: nothing is wrong with any release,
//! and a fault that is planted in its allocator or collector is found.

use std::time::Instant;

use crate::native::Vera;
use vera_stress::campaign::fuzz::heap::{PROGRAM, drive};
use vera_stress::engine::native::driven::Drivable;
use vera_stress::instrument::faults::{Fault, Kind, plant, sites};
use vera_stress::record::fuzz::HeapRecord;

fn driven(wasm: &[u8], events: u64) -> HeapRecord {
    let module = Drivable::of(wasm).unwrap();
    drive(&module, 1, &|done| done >= events).unwrap()
}

#[test]
fn nothing_is_wrong_with_the_heap_of_a_release() {
    for release in ["0.2.0", "0.2.5"] {
        let module = Vera::of(release).compile(PROGRAM);
        let report = driven(&module.wasm, 40_000);
        assert!(report.found.is_none(), "{release}: {:?}", report.found);
        assert!(report.events >= 40_000, "{release}: {report:?}");
    }
}

#[test]
fn numbers_that_look_like_addresses_changed_the_heap_until_0_1_13() {
    for release in ["0.1.5", "0.1.13"] {
        let module = Vera::of(release).compile(PROGRAM);
        let found = driven(&module.wasm, 1_000_000).found.unwrap();
        assert_eq!(found.kind, "changed", "{release}: {found:?}");
        assert!(
            found.events.iter().any(|it| it.contains(" is ")),
            "{found:?}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_events() {
    let module = Vera::of("0.2.5").compile(PROGRAM);
    let fault = sites(&module.wasm, Kind::HeadStaysFree).unwrap()[0];
    let planted = plant(&module.wasm, fault).unwrap();
    let found = || {
        let found = driven(&planted, 1_000_000).found.unwrap();
        (found.sequence, found.from, found.message)
    };
    assert_eq!(found().0, found().0);
    assert_eq!(found().1, found().1);
}

#[test]
fn a_fault_of_the_runtime_is_found_and_made_short() {
    let module = Vera::of("0.2.5").compile(PROGRAM);
    for kind in [Kind::HeadStaysFree, Kind::BlockTooSmall, Kind::MarkedFreed] {
        let fault = sites(&module.wasm, kind).unwrap()[0];
        let planted = plant(&module.wasm, fault).unwrap();
        let report = driven(&planted, 2_000_000);
        let found = report
            .found
            .unwrap_or_else(|| panic!("{fault} is not found"));
        assert!(found.events.len() <= 12, "{fault}: {found:#?}");
    }
}

#[test]
#[ignore = "tool: which faults of the runtime are found, and after how many events"]
fn tool_faults_of_the_runtime() {
    for release in ["0.1.5", "0.2.0", "0.2.5"] {
        let module = Vera::of(release).compile(PROGRAM);
        let (mut all, mut found) = (0, 0);
        for kind in Kind::ALL.into_iter().filter(|it| it.is_of_runtime()) {
            for fault in sites(&module.wasm, kind).unwrap() {
                let Fault { at, .. } = fault;
                let planted = plant(&module.wasm, fault).unwrap();
                let since = Instant::now();
                let module = Drivable::of(&planted).unwrap();
                let report = drive(&module, 1, &|_| since.elapsed().as_secs() >= 10).unwrap();
                all += 1;
                match report.found {
                    Some(it) => {
                        found += 1;
                        println!(
                            "{release} {kind} {at}: {} after {} events, {:.2} s; {} events are enough",
                            it.kind,
                            report.events,
                            report.seconds,
                            it.events.len()
                        );
                    }
                    None => println!("{release} {kind} {at}: NOT in {} events", report.events),
                }
            }
        }
        println!("{release}: {found} of {all}");
    }
}
