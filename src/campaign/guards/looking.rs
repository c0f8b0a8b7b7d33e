//! One scenario on the two versions that prove guards of it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::looked;
use super::version::Version;
use crate::campaign::Setting;
use crate::case::{Case, Clock, Ending, Engine, Lane, Scale};
use crate::judge::{Judgement, Verdict};
use crate::record::guards::{GuardCheck, GuardState};
use crate::runner::{Result as CaseResult, Scripts};
use crate::scenario::{FailureKind, Guard, Scenario};

/// The lanes in which a bug may show, those first that show most and cost least.
const LANES: [Lane; 5] = [
    Lane::NATIVE,
    Lane::REFERENCE,
    Lane::NATIVE_SANITIZE,
    Lane::REFERENCE_EAGER,
    Lane::NATIVE_RANDOM,
];

/// The versions that prove a guard.
pub struct Pair {
    /// The one with the bug.
    pub fails_on: Version,
    /// The one without it, where it was mended.
    pub fixed_in: Option<Version>,
}

/// One scenario on both, each case run once whatever guards it is looked at for.
pub struct Looking<'a> {
    setting: &'a Setting<'a>,
    scenario: &'a Scenario,
    pair: &'a Pair,
    scripts: Scripts,
    budget: Duration,
    deadline: Instant,
    before: HashMap<Case, CaseResult>,
    after: HashMap<Case, CaseResult>,
}

/// What came of a case on one of the versions.
struct Seen {
    found: GuardState,
    case: Case,
    message: String,
}

impl<'a> Looking<'a> {
    /// Looks at a scenario within a budget, of which `deadline` is the end.
    pub fn new(
        setting: &'a Setting<'a>,
        scenario: &'a Scenario,
        pair: &'a Pair,
        (budget, deadline): (Duration, Instant),
    ) -> Looking<'a> {
        Looking {
            setting,
            scenario,
            pair,
            scripts: Scripts::default(),
            budget,
            deadline,
            before: HashMap::new(),
            after: HashMap::new(),
        }
    }

    /// Looks at one of its guards.
    pub fn at(&mut self, guard: &Guard) -> GuardCheck {
        let pair = self.pair;
        let seen = self.with_the_bug(guard);
        if seen.found != GuardState::Proven {
            return self.told(guard, &pair.fails_on, seen);
        }
        let Some(fixed) = &pair.fixed_in else {
            return self.told(guard, &pair.fails_on, seen);
        };
        let after = self.without_the_bug(guard, fixed, seen.case.clone());
        match after.found {
            GuardState::Proven => self.told(guard, &pair.fails_on, seen),
            _ => self.told(guard, fixed, after),
        }
    }

    /// The first lane in which the version with the bug fails as such a bug does, or
    /// else what came instead of it.
    fn with_the_bug(&mut self, guard: &Guard) -> Seen {
        let pair = self.pair;
        let version = &pair.fails_on;
        let n = guard.proven_on().and_then(|on| on.n);
        // Tags are older than what the native engine knows.
        let lanes = LANES
            .into_iter()
            .filter(|lane| !version.is_tag() || lane.engine == Engine::Reference);
        let mut instead: Option<Seen> = None;
        for lane in lanes {
            let case = self.case(lane, n);
            let scenario = self.scenario;
            let result = self.examined(version, case.clone());
            let (found, message) = match result {
                Ok(it) => {
                    let message = &it.judgement.message;
                    let of_class = it.is_of_class(guard, &scenario.growth);
                    let found = match it.judgement.verdict {
                        Verdict::Failed(_) if says_nothing(&it.outcome.ending, of_class) => {
                            GuardState::Unchecked
                        }
                        Verdict::Failed(_) if of_class => GuardState::Proven,
                        Verdict::Failed(_) => GuardState::FailsOtherwise,
                        Verdict::Pass | Verdict::Known | Verdict::Fixed => GuardState::Passes,
                        Verdict::Unsupported
                        | Verdict::Refused
                        | Verdict::Undecided
                        | Verdict::NotRun => GuardState::Unchecked,
                    };
                    let failed = format!("{}: {message}", it.judgement.verdict);
                    let message = match found {
                        GuardState::Passes => "it passes".to_owned(),
                        _ => failed,
                    };
                    (found, message)
                }
                Err(why) => (GuardState::Unchecked, why.message()),
            };
            let seen = Seen {
                found,
                case,
                message: version.unnamed(&message),
            };
            if found == GuardState::Proven {
                return seen;
            }
            let says_more = instead
                .as_ref()
                .is_none_or(|it| telling(seen.found) > telling(it.found));
            if says_more {
                instead = Some(seen);
            }
        }
        instead.expect("there is a lane for each engine")
    }

    /// Whether the case in which the bug shows passes where it was mended.
    fn without_the_bug(&mut self, guard: &Guard, version: &Version, case: Case) -> Seen {
        let scenario = self.scenario;
        let (found, message) = match self.examined(version, case.clone()) {
            Ok(it) => {
                let of_class = it.is_of_class(guard, &scenario.growth);
                let found = match it.judgement.verdict {
                    Verdict::Pass | Verdict::Known | Verdict::Fixed => GuardState::Proven,
                    // It came to its end, with the right result.
                    Verdict::Failed(FailureKind::Growth) if !of_class => GuardState::Proven,
                    Verdict::Failed(_) if says_nothing(&it.outcome.ending, of_class) => {
                        GuardState::Unchecked
                    }
                    Verdict::Failed(_) => GuardState::StillFails,
                    Verdict::Unsupported
                    | Verdict::Refused
                    | Verdict::Undecided
                    | Verdict::NotRun => GuardState::Unchecked,
                };
                let Judgement { verdict, message } = &it.judgement;
                let message = match found {
                    GuardState::Proven => String::new(),
                    _ => format!("{verdict}: {message}"),
                };
                (found, message)
            }
            Err(why) => (GuardState::Unchecked, why.message()),
        };
        Seen {
            found,
            case,
            message: version.unnamed(&message),
        }
    }

    fn case(&self, lane: Lane, n: Option<Scale>) -> Case {
        Case {
            scenario: self.scenario.name.clone(),
            lane: lane.seeded(self.setting.seed),
            scale: n.unwrap_or_else(|| self.scenario.scale_in(lane)),
        }
    }

    /// Which of the two versions it is.
    fn has_the_bug(&self, version: &Version) -> bool {
        std::ptr::eq(version, &raw const self.pair.fails_on)
    }

    /// What came of a case on one of the versions, judged as if no limit were known.
    fn examined(&mut self, version: &Version, case: Case) -> &CaseResult {
        let results = match self.has_the_bug(version) {
            true => &mut self.before,
            false => &mut self.after,
        };
        results.entry(case).or_insert_with_key(|case| {
            let examiner = version
                .bench
                .examiner(&self.scripts, self.setting, self.budget);
            examiner.examine_knowing(self.scenario, case, &[], false, self.deadline)
        })
    }

    fn told(&self, guard: &Guard, version: &Version, seen: Seen) -> GuardCheck {
        let by_hand = &version.by_hand;
        let results = match self.has_the_bug(version) {
            true => &self.before,
            false => &self.after,
        };
        let result = results.get(&seen.case).and_then(|it| it.as_ref().ok());
        let command = self.setting.command(&by_hand.vera, &seen.case, result);
        let message = match seen.found {
            GuardState::Proven => seen.message,
            _ => format!("on Vera {}: {}", version.name, seen.message),
        };
        GuardCheck {
            lane: Some(seen.case.lane),
            n: Some(seen.case.scale),
            again: by_hand.first.clone().into_iter().chain([command]).collect(),
            ..looked(self.scenario, guard, seen.found, message)
        }
    }
}

/// Whether a clock ended a case before it could show anything: the wall clock, which
/// is the machine's, or a budget of time where the bug is of another class.
fn says_nothing(ending: &Ending, of_class: bool) -> bool {
    match ending {
        Ending::OverTime { clock, .. } => *clock == Clock::Wall || !of_class,
        _ => false,
    }
}

/// How much of several lanes' answers one says: a lane that fails otherwise says more
/// than one that passes, and that more than one that could not be told.
fn telling(found: GuardState) -> u8 {
    match found {
        GuardState::Unchecked | GuardState::Unproven => 0,
        GuardState::Passes => 1,
        GuardState::FailsOtherwise => 2,
        GuardState::StillFails | GuardState::Proven => 3,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::case::{Doing, Value};

    #[test]
    fn a_clock_that_ends_a_case_shows_no_other_bug() {
        let ended = |clock| Ending::OverTime {
            limit: Duration::from_secs(1),
            clock,
            doing: Doing::Running,
        };
        for (ending, of_class, nothing) in [
            (ended(Clock::Wall), true, true),
            (ended(Clock::Wall), false, true),
            (ended(Clock::Processor), false, true),
            (ended(Clock::Processor), true, false),
        ] {
            assert_eq!(says_nothing(&ending, of_class), nothing, "{ending:?}");
        }
        let returned = Ending::Returned {
            value: Value::Unit,
            exit_code: None,
        };
        assert!(!says_nothing(&returned, false));
    }
}
