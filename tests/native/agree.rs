//! Comparing what the two engines make of the same program.

use std::time::Duration;

use vera_stress::case::{Budget, Ending, Lane, Outcome, Value};
use vera_stress::scenario::Surroundings;

use crate::native::{Vera, sources};

/// A program of one file with nothing but `main`, which takes nothing.
pub fn main_of(result: &str, effects: &str, body: &str) -> String {
    with_main("", result, effects, body)
}

/// The same with other declarations before it.
pub fn with_main(declarations: &str, result: &str, effects: &str, body: &str) -> String {
    format!(
        "{declarations}\npublic fn main(@Unit -> @{result})\n  requires(true) ensures(true) effects({effects})\n{{\n  {body}\n}}\n"
    )
}

/// Runs a program on both engines, and fails unless they agree; gives what they
/// agree on.
#[track_caller]
pub fn agree(release: &str, program: &str, n: Option<u64>) -> Outcome {
    agree_in(Lane::NATIVE, release, program, n)
}

/// The same in a lane of the native engine and its partner.
#[track_caller]
pub fn agree_in(lane: Lane, release: &str, program: &str, n: Option<u64>) -> Outcome {
    agree_around(&Surroundings::default(), lane, release, program, n)
}

/// The same with something around the program.
#[track_caller]
pub fn agree_around(
    surroundings: &Surroundings,
    lane: Lane,
    release: &str,
    program: &str,
    n: Option<u64>,
) -> Outcome {
    let vera = Vera::of(release);
    let sources = sources(program);
    let budget = Budget::default().lasting(Duration::from_mins(1));
    let [theirs, ours] = [lane.partner().unwrap(), lane].map(|lane| {
        let ran = vera.run_in(surroundings, &sources, lane, n, budget);
        ran.unwrap()
    });
    let what = format!("{release}: {program}");
    assert_eq!(shown(&theirs.ending), shown(&ours.ending), "{what}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&theirs.stdout), text(&ours.stdout), "{what}");
    assert_eq!(text(&theirs.stderr), text(&ours.stderr), "{what}");
    assert_eq!(text(&theirs.live_stdout), text(&ours.live_stdout), "{what}");
    assert_eq!(theirs.files, ours.files, "{what}");
    // Vera's runtime does not say it of a program that traps, and the shape of a
    // map depends on a key that it draws anew in each run.
    let hashes = |it: &Outcome| {
        let measures = it.measures.as_ref();
        measures.is_some_and(|it| it.host_calls.contains_key("hash_key"))
    };
    if theirs.peak_heap.is_some() && !hashes(&ours) {
        assert_eq!(theirs.peak_heap, ours.peak_heap, "{what}");
    }
    ours
}

/// An ending in full, so that one NaN is like another.
fn shown(ending: &Ending) -> String {
    let place = |place: &Option<String>, line: Option<u32>| {
        format!("{}:{line:?}", place.as_deref().unwrap_or("?"))
    };
    match ending {
        Ending::Returned { value, exit_code } => format!("{} {exit_code:?}", value_shown(value)),
        Ending::Trapped(trap) => {
            let frames = trap.frames.iter();
            let frames: Vec<String> = frames
                .map(|frame| format!("{} {}", frame.function, place(&frame.file, frame.line)))
                .collect();
            format!("{}: {} at {frames:?}", trap.kind, trap.message)
        }
        other => format!("{other:?}"),
    }
}

fn value_shown(value: &Value) -> String {
    match value {
        Value::Float(x) => format!("Float {x:?} {:?}", x.is_sign_negative() && !x.is_nan()),
        other => format!("{other:?}"),
    }
}
