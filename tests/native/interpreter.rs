//! The interpreter, which knows nothing of Vera but its specification, comes to what the
//! oracles of the catalogue say.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::native::{Vera, catalogue};
use vera_stress::case::{Scale, Sources, Value};
use vera_stress::scenario::{ExpectedEnd, Scenario};
use vera_stress::vera::interpret::{End, Limits, Run, Shown, run_apart};
use vera_stress::vera::{Decl, Item, Program};

const RELEASE: &str = "0.2.5";

/// The trees of a program's files, that of `main` first.
fn trees(vera: &Vera, sources: &Sources) -> Option<Vec<Arc<Program>>> {
    let others = sources.files.keys().filter(|it| **it != sources.main);
    let files = std::iter::once(&sources.main).chain(others);
    files
        .map(|main| {
            let main = main.clone();
            let sources = Sources {
                main,
                ..sources.clone()
            };
            vera.tree(&sources)
        })
        .collect()
}

/// Runs a program whose `main` takes n, or nothing.
fn interpreted(programs: &[Arc<Program>], n: Scale) -> Run {
    let programs: Vec<&Program> = programs.iter().map(|it| &**it).collect();
    let takes = |it: &Item| match &it.decl {
        Decl::Function(it) if it.name == "main" => Some(it.params.len()),
        _ => None,
    };
    let takes = programs[0].items.iter().find_map(takes).unwrap_or_default();
    let arguments = vec![n.get() as i64; takes];
    run_apart(&programs, &arguments, Limits::default()).unwrap()
}

/// Whether it comes to what the oracle says, or in which way not; nothing where one of the
/// two does not know.
fn held(scenario: &Scenario, n: Scale, run: &Run) -> Option<Result<(), String>> {
    let expected = scenario.oracle.at(n).ok()?;
    let stdout = expected.stdout.clone().unwrap_or_default();
    let same = match (&expected.end, &run.end) {
        // What Vera refuses is no business of a run.
        (_, End::Discarded(_)) | (Some(ExpectedEnd::Refused(_)), _) => return None,
        (Some(ExpectedEnd::Value(Value::Int(it))), End::Returns(Some(Shown::Int(own)))) => {
            it == own
        }
        (Some(ExpectedEnd::Value(Value::Text(it))), End::Returns(Some(Shown::Text(own)))) => {
            it == own
        }
        (None | Some(ExpectedEnd::Value(Value::Unit)), End::Returns(Some(Shown::Unit))) => true,
        (Some(ExpectedEnd::Trap(kind)), End::Traps(own)) => kind == own,
        (Some(ExpectedEnd::Exit(code)), End::Exits(own)) => code == own,
        _ => false,
    };
    Some(match same && stdout == run.stdout {
        true => Ok(()),
        false => Err(format!("{expected:?}\n{run:?}")),
    })
}

#[test]
fn what_it_covers_of_some_scenarios_comes_to_what_the_oracles_say() {
    assert!(covered(9) > 15);
}

#[test]
#[ignore = "long: reads each program of the catalogue"]
fn long_what_it_covers_of_the_catalogue_comes_to_what_the_oracles_say() {
    assert!(covered(1) > 300);
}

/// Holds each so many-th scenario against its oracle, at three n; gives how many results
/// it knows.
fn covered(step: usize) -> usize {
    let catalogue = catalogue();
    let vera = Vera::of(RELEASE);
    let mut wrong = Vec::new();
    let mut known = 0;
    let mut discarded: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for scenario in catalogue.scenarios.iter().step_by(step) {
        for n in [1, 6, 40] {
            let n = Scale::new(n).unwrap();
            let Ok(sources) = scenario.program.sources(n) else {
                continue;
            };
            let Some(programs) = trees(vera, &sources) else {
                discarded
                    .entry("no tree".to_owned())
                    .or_default()
                    .push(&scenario.name);
                continue;
            };
            let run = interpreted(&programs, n);
            match (&run.end, held(scenario, n, &run)) {
                (_, Some(Ok(()))) => known += 1,
                (_, Some(Err(how))) => wrong.push(format!("{} at n={n}: {how}", scenario.name)),
                (End::Discarded(why), None) => {
                    discarded
                        .entry(why.clone())
                        .or_default()
                        .push(&scenario.name);
                }
                (_, None) => {}
            }
        }
    }
    for (why, names) in &discarded {
        eprintln!("{why}: {} ({})", names.len(), names.join(" "));
    }
    eprintln!("{known} the same");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    known
}
