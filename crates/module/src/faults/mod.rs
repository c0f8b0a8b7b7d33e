//! Planting faults: a compiled module becomes the same module with one known
//! defect in how it keeps its roots, in its collector or allocator, or in how far it
//! counts.
//!
//! This is what measures the checks of the other modules: each [`FaultKind`] is a
//! class of bug that code generators and collectors have had, and a check that
//! notices none of its faults does not see that class.
//! The idea is mutation testing's: `DeMillo`, Lipton and Sayward, "Hints on Test
//! Data Selection", 1978.
//!
//! The code to change is found by its instructions, as
//! `vera_runtime::passages` has them. Where a release has them otherwise, that is
//! an error which names what was not found: no fault is left out in silence.

mod kind;
mod patch;
mod roots;
mod runtime;
mod values;

pub use kind::{Fault, FaultKind, FaultKind as Kind, FaultNameError};
use vera_stress_case::Problem;
use wasm_encoder::Instruction;

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::vera_runtime::VeraRuntime;
use patch::Edit;

/// Why a fault cannot be planted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlantingError {
    /// The module is none that is known here.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The code that the fault is put into looks otherwise in this release.
    #[error(
        "{}; {TEACH}", unlike(*.kind, .function, .missing)
    )]
    Unknown {
        /// The fault.
        kind: FaultKind,
        /// Where it would be.
        function: String,
        /// What was looked for.
        missing: String,
    },
    /// The program has no such place.
    #[error("cannot plant `{fault}`: places for it in the module, counted from 0: {places}")]
    NoSuchPlace {
        /// The fault.
        fault: Fault,
        /// How many places there are.
        places: usize,
    },
}

fn unlike(kind: FaultKind, function: &str, missing: &str) -> String {
    format!(
        "cannot plant `{kind}`: in `${function}`, {missing} is not as releases 0.1.5 to 0.2.5 have it"
    )
}

const TEACH: &str = "teach `instrument::faults` the code of this release";

impl From<PlantingError> for Problem {
    fn from(why: PlantingError) -> Problem {
        match why {
            PlantingError::Unfit(unfit) => unfit.into(),
            PlantingError::Unknown {
                kind,
                function,
                missing,
            } => Problem::new(unlike(kind, &function, &missing)).next(TEACH),
            PlantingError::NoSuchPlace { .. } => Problem::new(why.to_string()),
        }
    }
}

/// The faults of a kind that can be planted in a module: all of them where they
/// are places in the code, and some where they are numbers that count at run
/// time. A program that allocates nothing has none.
pub fn sites(module: &[u8], kind: FaultKind) -> Result<Vec<Fault>, PlantingError> {
    let anatomy = Anatomy::of(module)?;
    let samples = kind.samples();
    let edits = edits(&anatomy, Fault { kind, at: 0 })?;
    let places: Vec<u32> = match samples {
        Some(samples) if !edits.is_empty() => samples.to_vec(),
        _ => (0..).take(edits.len()).collect(),
    };
    Ok(places.into_iter().map(|at| Fault { kind, at }).collect())
}

/// The module with one fault in it.
pub fn plant(module: &[u8], fault: Fault) -> Result<Vec<u8>, PlantingError> {
    let anatomy = Anatomy::of(module)?;
    let mut edits = edits(&anatomy, fault)?;
    let places = edits.len();
    // A number that counts at run time is in the only edit that there is.
    let which = match fault.kind.samples() {
        Some(_) => 0,
        None => fault.at as usize,
    };
    if which >= places {
        return Err(PlantingError::NoSuchPlace { fault, places });
    }
    Ok(patch::apply(&anatomy, edits.swap_remove(which))?)
}

/// The module with a trap where the fault would be: a run that comes to the same never
/// comes by, so that the fault does nothing there. `None` for a fault of the runtime.
pub fn trap_at(module: &[u8], fault: Fault) -> Result<Option<Vec<u8>>, PlantingError> {
    if fault.kind.is_of_runtime() {
        return Ok(None);
    }
    let anatomy = Anatomy::of(module)?;
    let mut edits = edits(&anatomy, fault)?;
    let places = edits.len();
    if fault.at as usize >= places {
        return Err(PlantingError::NoSuchPlace { fault, places });
    }
    let mut edit = edits.swap_remove(fault.at as usize);
    edit.patches.truncate(1);
    for patch in &mut edit.patches {
        patch.at.end = patch.at.start;
        patch.with = vec![Instruction::Unreachable];
    }
    Ok(Some(patch::apply(&anatomy, edit)?))
}

pub use PlantingError as Unplanted;

/// A module with what is changed in it.
struct Subject<'a> {
    anatomy: &'a Anatomy<'a>,
    bodies: Vec<Body<'a>>,
    runtime: VeraRuntime,
    kind: FaultKind,
}

impl Subject<'_> {
    fn unknown(&self, function: u32, missing: impl Into<String>) -> PlantingError {
        let name = self.anatomy.function_name(function);
        PlantingError::Unknown {
            kind: self.kind,
            function: name.map_or_else(|| function.to_string(), str::to_owned),
            missing: missing.into(),
        }
    }
}

/// One edit for each place that the fault's kind has in the code.
fn edits(anatomy: &Anatomy<'_>, fault: Fault) -> Result<Vec<Edit>, PlantingError> {
    if !anatomy.has_allocator() {
        return Ok(Vec::new());
    }
    let subject = Subject {
        anatomy,
        bodies: anatomy.bodies().collect::<Result<_, _>>()?,
        runtime: VeraRuntime::of(anatomy)?,
        kind: fault.kind,
    };
    match fault.kind {
        FaultKind::PushStoresZero => roots::pushes(&subject, roots::STORES_ZERO),
        FaultKind::PushDropped => roots::pushes(&subject, ""),
        FaultKind::RestoredEarly => roots::restored_early(&subject),
        FaultKind::NotRestored => roots::not_restored(&subject),
        FaultKind::LoopBound => Ok(values::loop_bounds(&subject)),
        FaultKind::TableIndex => Ok(values::indices(&subject)),
        FaultKind::AllocationShort => Ok(values::short_allocations(&subject)),
        FaultKind::ScanStopsShort
        | FaultKind::MarkKept
        | FaultKind::MarkedFreed
        | FaultKind::BlockTooSmall
        | FaultKind::GrowsOnePage
        | FaultKind::HeadStaysFree
        | FaultKind::BlockStaysFree
        | FaultKind::RestDropped
        | FaultKind::WorklistDrops => runtime::edits(&subject, fault.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A runtime whose allocator and collector do nothing.
    const RUNTIME: &str = r#"
        (memory (export "vera.memory") 1)
        (global $gc_sp (mut i32) (i32.const 8))
        (global $gc_stack_limit i32 (i32.const 64))
        (global $gc_free_head (mut i32) (i32.const 0))
        (global $heap_ptr (mut i32) (i32.const 64))
        (func $gc_collect)
        (func $alloc (export "vera.alloc") (param i32) (result i32) i32.const 64)"#;

    /// A loop that roots an object, makes another one and goes round.
    const PROGRAM: &str = "
        (func $:round (param i32) (local i32 i32)
          global.get $gc_sp local.set 1
          global.get $gc_sp local.get 0 i32.store
          global.get $gc_sp i32.const 4 i32.add global.set $gc_sp
          local.get 0
          if
            call $:make
            local.set 2
            local.get 2
            local.get 1 global.set $gc_sp
            return_call $:round
          end)
        (func $:make (result i32) i32.const 8 call $alloc)";

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(format!("(module {RUNTIME} {text})")).unwrap()
    }

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    /// The lines of the program's loop with a fault in it.
    fn planted(text: &str) -> Vec<String> {
        let planted = plant(&module(PROGRAM), fault(text)).unwrap();
        let text = wasmprinter::print_bytes(&planted).unwrap();
        let lines = text.lines().map(|line| line.trim().to_owned());
        let from = lines.skip_while(|line| !line.starts_with("(func $:round"));
        from.skip(3)
            .take_while(|line| !line.starts_with("(func"))
            .collect()
    }

    /// The instructions that a fault takes out of the loop, and those it adds.
    fn difference(text: &str) -> (Vec<String>, Vec<String>) {
        let whole = wasmprinter::print_bytes(module(PROGRAM)).unwrap();
        let whole = whole.lines().map(|line| line.trim().to_owned());
        let mut gone: Vec<String> = whole
            .skip_while(|line| !line.starts_with("(func $:round"))
            .skip(3)
            .take_while(|line| !line.starts_with("(func"))
            .collect();
        let mut added = Vec::new();
        for line in planted(text) {
            match gone.iter().position(|it| *it == line) {
                Some(at) => drop(gone.remove(at)),
                None => added.push(line),
            }
        }
        (gone, added)
    }

    fn lines(all: &[&str]) -> Vec<String> {
        all.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_fault_of_the_roots_is_the_only_change() {
        assert_eq!(
            difference("push-stores-zero@0"),
            (lines(&["local.get 0"]), lines(&["i32.const 0"]))
        );
        let (gone, added) = difference("push-dropped@0");
        assert_eq!((gone.len(), added.len()), (7, 0));
        let (gone, added) = difference("not-restored@0");
        assert_eq!(
            (gone, added),
            (lines(&["local.get 1", "global.set $gc_sp"]), vec![])
        );
        let (gone, added) = difference("restored-early@0");
        assert_eq!(
            (gone, added),
            (vec![], lines(&["local.get 1", "global.set $gc_sp"]))
        );
        let code = planted("restored-early@0");
        let call = code.iter().position(|it| it == "call $:make").unwrap();
        assert_eq!(code[call - 2..call], ["local.get 1", "global.set $gc_sp"]);
    }

    /// A loop over words of a block, and a call through the table.
    const COUNTS: &str = "
        (table 2 funcref)
        (func $:round (param i32) (result i32) (local i32)
          i32.const 24 call $alloc
          local.set 1
          block
            loop
              local.get 0 i32.const 9 i32.ge_u br_if 1
              local.get 1 local.get 0 i32.const 4 i32.mul i32.add i32.load drop
              local.get 0 local.get 1 i32.lt_s i32.eqz br_if 1
              br 0
            end
          end
          local.get 0 local.get 1 i32.lt_s
          if nop end
          local.get 0 call_indirect (result i32))";

    #[test]
    fn a_trap_stands_where_the_fault_would() {
        for text in ["loop-bound@1", "table-index@0", "allocation-short@0"] {
            let module = module(COUNTS);
            let trap = trap_at(&module, fault(text)).unwrap().unwrap();
            let trap = wasmprinter::print_bytes(&trap).unwrap();
            assert_eq!(trap.matches("unreachable").count(), 1, "{text}");
            wat::parse_str(&trap).unwrap();
        }
        let beyond = trap_at(&module(COUNTS), fault("loop-bound@2"));
        assert!(matches!(beyond, Err(PlantingError::NoSuchPlace { .. })));
        assert_eq!(trap_at(&module(COUNTS), fault("mark-kept@0")), Ok(None));
    }

    #[test]
    fn a_fault_of_what_is_counted_is_the_only_change() {
        let whole = module(COUNTS);
        let changed = |text: &str| {
            let lines = |module: &[u8]| {
                let text = wasmprinter::print_bytes(module).unwrap();
                let lines = text.lines().map(|line| line.trim().to_owned());
                lines.collect::<Vec<String>>()
            };
            let (before, mut after) = (lines(&whole), lines(&plant(&whole, fault(text)).unwrap()));
            let same = before.iter().zip(&after).take_while(|(a, b)| a == b);
            let same = same.count();
            let more = after.len() - before.len();
            after.drain(same..).take(more.max(1)).collect::<Vec<_>>()
        };
        let all = [
            ("loop-bound@0", &["i32.gt_u"][..]),
            // What follows a branch another way decides nothing.
            ("loop-bound@1", &["i32.le_s"]),
            ("table-index@0", &["i32.const 255", "i32.and"]),
            ("table-index@1", &["i32.const 1", "i32.add"]),
            ("allocation-short@0", &["i32.const 8", "i32.sub"]),
        ];
        for (text, expected) in all {
            assert_eq!(changed(text), expected, "{text}");
        }
        for (kind, places) in [
            (FaultKind::LoopBound, 2),
            (FaultKind::TableIndex, 2),
            (FaultKind::AllocationShort, 1),
        ] {
            assert_eq!(sites(&whole, kind).unwrap().len(), places, "{kind}");
        }
    }

    #[test]
    fn names_hold_in_a_planted_module() {
        let whole = module(PROGRAM);
        let planted = plant(&whole, fault("push-dropped@0")).unwrap();
        let (whole, planted) = (Anatomy::of(&whole).unwrap(), Anatomy::of(&planted).unwrap());
        for function in 0..4 {
            let name = whole.function_name(function);
            assert!(name.is_some());
            assert_eq!(name, planted.function_name(function));
        }
        assert_eq!(planted.global("gc_sp"), Some(0));
    }

    #[test]
    fn code_that_is_not_known_is_an_error_that_names_it() {
        // Its allocator and its collector have none of Vera's code.
        for kind in FaultKind::ALL.into_iter().skip(4).take(9) {
            for why in [
                sites(&module(PROGRAM), kind).unwrap_err(),
                plant(&module(PROGRAM), Fault { kind, at: 0 }).unwrap_err(),
            ] {
                assert!(matches!(&why, PlantingError::Unknown { function, .. }
                    if function == "alloc" || function == "gc_collect"));
            }
        }
        // A push in another form would be left out in silence.
        let pushes = "global.get $gc_sp i32.const 7 i32.add global.set $gc_sp";
        let why = sites(
            &module(&format!("(func $:odd {pushes})")),
            FaultKind::PushDropped,
        );
        let why = why.unwrap_err().to_string();
        assert!(
            why.contains("`$:odd`, a push onto the shadow stack"),
            "{why}"
        );
        let text = RUNTIME.replace("$gc_sp ", "$elsewhere ");
        let moved = wat::parse_str(format!("(module {text})")).unwrap();
        assert_eq!(
            sites(&moved, FaultKind::NotRestored),
            Err(Unfit::UnknownRuntime("gc_sp".to_owned()).into())
        );
    }

    #[test]
    fn a_place_beyond_the_last_is_refused() {
        let why = plant(&module(PROGRAM), fault("not-restored@1")).unwrap_err();
        assert_eq!(
            why.to_string(),
            "cannot plant `not-restored@1`: places for it in the module, counted from 0: 1"
        );
    }
}
