//! Each Vera that is there, tried: whether it compiles and runs a program of ten lines
//! on each engine.

use super::Setting;
use super::bench::Bench;
use crate::case::{Arguments, Case, Lane, Problem, Scale, Value};
use crate::engine::{Modules, Subject};
use crate::judge::{Knowledge, Verdict, judge};
use crate::scenario::{Expectation, Surroundings};
use crate::toolchain::{Choice, Toolchain, trial};

/// The lanes in which each is tried: both engines, and the sanitizer.
pub const LANES: [Lane; 3] = [Lane::REFERENCE, Lane::NATIVE, Lane::NATIVE_SANITIZE];

/// What came of a Vera.
pub struct Examination {
    /// The Vera itself.
    pub toolchain: Toolchain,
    /// What came of the program in each lane.
    pub lanes: Vec<(Lane, LaneTrial)>,
}

/// What came of the program in a lane.
pub enum LaneTrial {
    /// It returned what it must.
    Works,
    /// The lane has nothing to run it with: why.
    Unsupported(String),
    /// It did something else, or nothing.
    Fails(Problem),
}

/// Tries each of `choices`, side by side; the results are in their order. The error is
/// of one that could not be set up, or does nothing at all.
pub fn examine(choices: &[Choice], setting: &Setting<'_>) -> Vec<Result<Examination, Problem>> {
    let one = |choice: &Choice| {
        let Bench { toolchain, engines } = Bench::set_up(choice, setting, Modules::Anew)?;
        let sources = trial::sources();
        let nothing = Surroundings::default();
        let subject = Subject {
            sources: &sources,
            arguments: &Arguments::Scale,
            input: "",
            surroundings: &nothing,
        };
        let expected = Expectation::of_value(Value::Int(trial::RETURNS));
        let known = || Knowledge {
            limits: &[],
            faster: None,
        };
        let lane = |lane: Lane| {
            let case = Case {
                scenario: "doctor".to_owned(),
                lane: lane.seeded(setting.seed),
                scale: Scale::new(trial::N).expect("it is above 0"),
            };
            let interrupt = setting.interrupt;
            let outcome = engines.run(subject, &case, setting.seed, trial::BUDGET, interrupt);
            let trial = match outcome {
                Err(why) => LaneTrial::Fails((setting.advise)(&why)),
                Ok(outcome) => {
                    let judged = judge(lane, &outcome, &expected, known(), || None);
                    match judged.verdict {
                        Verdict::Pass => LaneTrial::Works,
                        Verdict::Unsupported => LaneTrial::Unsupported(judged.message),
                        _ => LaneTrial::Fails(Problem::new(judged.message)),
                    }
                }
            };
            (lane, trial)
        };
        let lanes = LANES.into_iter().map(lane).collect();
        Ok(Examination { toolchain, lanes })
    };
    let choices: Vec<&Choice> = choices.iter().collect();
    setting.each(&choices, |_| false, one)
}
