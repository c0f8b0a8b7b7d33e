//! What a program comes to where all lanes agree: the expectation of a scenario that is
//! made from it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::Setting;
use crate::case::{Case, Ending, Engine, Lane, Outcome, Problem, Scale};
use crate::config::Profile;
use crate::engine::{Engines, Modules};
use crate::judge::Verdict;
use crate::runner::{self, BatchLimits, Examiner, Observer, Scripts, run_all};
use crate::scenario::new::Expected;
use crate::scenario::{ExpectedEnd, Pin, Scenario};
use crate::toolchain::Toolchain;
use crate::toolchain::compile::Stop;

/// Why there is nothing to write down.
#[derive(Debug, thiserror::Error)]
pub enum Unblessed {
    /// A lane does not agree, or fails by itself.
    #[error("{what} [{}] n={}: {message}", case.lane, case.scale)]
    Fails {
        /// `lanes differ` or the verdict.
        what: Verdict,
        /// The case.
        case: Case,
        /// What is said of it.
        message: String,
    },
    /// No lane came to a result.
    #[error("no lane came to a result: {0}")]
    Nothing(String),
    /// The toolchain failed.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// It was interrupted.
    #[error("it was interrupted")]
    Interrupted,
}

/// Runs a scenario whose lanes must agree at these scales in all lanes of a profile,
/// and gives what they agreed on.
pub fn bless(
    setting: &Setting<'_>,
    toolchain: &Toolchain,
    profile: &Profile,
    scenario: &Scenario,
    scales: &[Scale],
) -> Result<Expected, Unblessed> {
    let engines = Engines::set_up(toolchain, setting.cache, Modules::Kept)?;
    let case = |lane: &Lane, scale: &Scale| Case {
        scenario: scenario.name.clone(),
        lane: lane.seeded(setting.seed),
        scale: *scale,
    };
    let lanes = profile.lanes.iter();
    let mut cases: Vec<(&Scenario, Case)> = lanes
        .flat_map(|lane| scales.iter().map(move |scale| case(lane, scale)))
        .map(|case| (scenario, case))
        .collect();
    cases.sort_by(|a, b| a.1.cmp(&b.1));
    let scripts = Scripts::of(cases.iter().map(|(_, case)| case));
    let examiner = Examiner {
        scripts: &scripts,
        engines: &engines,
        seed: setting.seed,
        interrupt: setting.interrupt,
        budget: profile.budget,
    };
    let limits = BatchLimits {
        jobs: setting.jobs(),
        fail_fast: true,
    };
    let outcomes = Outcomes::default();
    let deadline = Instant::now() + profile.budget;
    let results = run_all(&examiner, &cases, limits, deadline, &outcomes);
    if setting.interrupt.is_set() {
        return Err(Unblessed::Interrupted);
    }
    for ((_, case), result) in cases.iter().zip(&results) {
        let judged = result.as_ref().map(|it| it.judgement.clone());
        match judged {
            Ok(it) if it.verdict.fails_run() => {
                return Err(Unblessed::Fails {
                    what: it.verdict,
                    case: case.clone(),
                    message: it.message,
                });
            }
            Ok(_) => {}
            Err(why) => return Err(Unblessed::Nothing(why.message())),
        }
    }
    outcomes.agreed(scenario)
}

/// What the cases did.
#[derive(Default)]
struct Outcomes(Mutex<Vec<(Case, Arc<Outcome>)>>);

impl Observer for Outcomes {
    fn started(&self, _: &Case) {}

    fn finished(&self, case: &Case, result: &runner::Result) {
        if let Ok(examined) = result {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.push((case.clone(), Arc::clone(&examined.outcome)));
        }
    }
}

impl Outcomes {
    /// What they agreed on, in the words of Vera's own runtime where it had any.
    fn agreed(self, scenario: &Scenario) -> Result<Expected, Unblessed> {
        let mut all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.sort_by_key(|(case, _)| (case.lane.engine != Engine::Reference, case.lane));
        let mut pins = BTreeMap::new();
        let mut why = "there was no case".to_owned();
        for (case, outcome) in &all {
            if let Ending::Rejected { code, message, .. } = &outcome.ending {
                let code = code
                    .clone()
                    .ok_or_else(|| Unblessed::Nothing(message.clone()))?;
                return Ok(Expected::Refused(code));
            }
            match pin(scenario, outcome) {
                Some(pin) if pin == Pin::default() => {
                    "it asks for random numbers or the time, and comes to something else each time"
                        .clone_into(&mut why);
                }
                Some(pin) => {
                    pins.entry(case.scale).or_insert(pin);
                }
                None => {
                    if let Ending::Unsupported { message } = &outcome.ending {
                        why.clone_from(message);
                    }
                }
            }
        }
        match pins.is_empty() {
            true => Err(Unblessed::Nothing(why)),
            false => Ok(Expected::At(pins)),
        }
    }
}

/// What one of them came to, where that is a result.
fn pin(scenario: &Scenario, outcome: &Outcome) -> Option<Pin> {
    let shown = scenario.oracle.agreement.is_none_or(|it| it.value);
    let end = match &outcome.ending {
        Ending::Returned {
            exit_code: Some(code),
            ..
        } => Some(ExpectedEnd::Exit(*code)),
        Ending::Returned { value, .. } => shown.then(|| ExpectedEnd::Value(value.clone())),
        Ending::Trapped(trap) if trap.kind == "host_error" => {
            Some(ExpectedEnd::HostError(trap.message.clone()))
        }
        Ending::Trapped(trap) => Some(ExpectedEnd::Trap(trap.kind.clone())),
        _ => return None,
    };
    // A program that drew by lot, or looked at the clock, prints something else each time.
    let repeats = !outcome.chance.any();
    let stdout = String::from_utf8(outcome.stdout.clone()).ok();
    Some(Pin {
        end: end.filter(|_| repeats),
        stdout: stdout.filter(|_| repeats),
    })
}

impl Unblessed {
    /// The same as a problem, with what to do.
    pub fn problem(&self, advise: fn(&Stop) -> Problem) -> Problem {
        match self {
            Unblessed::Stop(why) => advise(why),
            Unblessed::Fails { .. } | Unblessed::Nothing(_) => Problem::new(format!(
                "nothing can be expected of it: {self}"
            ))
            .next("say yourself what must come, or take a release of Vera on which it is right"),
            Unblessed::Interrupted => Problem::new(self.to_string()),
        }
    }
}
