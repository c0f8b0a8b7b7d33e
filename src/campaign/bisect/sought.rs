//! What a bisection searches, and what one version says about it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use super::search::Says;
use crate::case::{Bytes, Doing, Ending, Instructions, Point, Problem, Scale};
use crate::judge::Verdict;
use crate::judge::growth::{Excess, rough_excess_of, rough_excesses};
use crate::runner::{Examined, NotRun, Result as CaseResult};
use crate::scenario::{Cost, FailureKind, Scenario};

/// What is searched, in the words of `--for`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// A failure.
    Failure(FailureKind),
    /// An exact count.
    Count(Cost),
}

impl Sought {
    /// Whether it exists only where the program returns.
    pub fn needs_return(self) -> bool {
        self.is_count() || self == Sought::Failure(FailureKind::Growth)
    }

    /// Whether it is a count, which says nothing without that of both ends.
    pub fn is_count(self) -> bool {
        matches!(self, Sought::Count(_))
    }
}

impl FromStr for Sought {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Sought, Problem> {
        match text {
            "instructions" | "work" => return Ok(Sought::Count(Cost::Instructions)),
            "heap" => return Ok(Sought::Count(Cost::Heap)),
            _ => {}
        }
        let kind = FailureKind::deserialize(StrDeserializer::<Error>::new(text));
        kind.map(Sought::Failure).map_err(|_| {
            Problem::new(format!(
                "`{text}` is nothing to search for; write how a case fails (wrong, trap, rejected, invalid-module, over-time, over-memory, over-output, over-instructions, corrupt, crashed, growth or engines-differ), or instructions or heap"
            ))
        })
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sought::Failure(kind) => kind.name(),
            Sought::Count(cost) => cost.name(),
        })
    }
}

/// Growth to less than one in so many of what the bad end needs is another one:
/// seen over a factor of four in n, a cost that has a step in it grows, too.
const FAR: f64 = 10.0;

/// What stands before a failure that is not the one that is searched.
pub const OTHERWISE: &str = "fails otherwise: ";

/// Counts that differ by less than this factor are taken for the same.
const ALIKE: f64 = 1.1;

/// What is searched, as the bad end has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// A failure of this kind.
    Failure(FailureKind),
    /// A cost that grows faster than declared.
    Growth {
        /// The cost.
        cost: Cost,
        /// What it is at the bad end.
        amount: f64,
    },
    /// A count that is nearer to the bad end's than to the good end's. It is the
    /// bad end's within a tenth, and not where it is ten times off; between the two,
    /// the good end is looked at.
    Count {
        /// Which one.
        cost: Cost,
        /// At the bad end.
        bad: f64,
        /// At the good end, as soon as it is known.
        good: Option<f64>,
    },
}

impl Target {
    /// What the bad end has of what is `sought`: its failure, where nothing was
    /// said. The error is what it has instead, and whether it can tell at all.
    pub fn of(
        sought: Option<Sought>,
        scenario: &Scenario,
        result: &CaseResult,
    ) -> Result<Target, (Says, String)> {
        let examined = match result {
            Ok(examined) => examined,
            Err(why) => return Err((Says::Skip, why.message())),
        };
        let failed = match examined.judgement.verdict {
            Verdict::Failed(kind) => Some(kind),
            _ => None,
        };
        let growth = || {
            let excesses = rough_excesses(examined.grown.as_deref()?, &scenario.growth);
            let excess = excesses.first()?;
            let amount = excess.cost.at(last(examined)?)?;
            Some(Target::Growth {
                cost: excess.cost,
                amount,
            })
        };
        let target = match sought.or(failed.map(Sought::Failure)) {
            None => None,
            Some(Sought::Failure(FailureKind::Growth)) => growth(),
            Some(Sought::Failure(kind)) => (failed == Some(kind)).then_some(Target::Failure(kind)),
            Some(Sought::Count(cost)) => count(cost, examined).map(|bad| Target::Count {
                cost,
                bad,
                good: None,
            }),
        };
        target.ok_or_else(|| {
            let without_return = sought.is_some_and(Sought::needs_return) && !returned(examined);
            let says = match examined.judgement.verdict {
                Verdict::Unsupported | Verdict::Refused | Verdict::NotRun => Says::Skip,
                _ if without_return || sought.is_some_and(Sought::is_count) => Says::Skip,
                _ => Says::Good,
            };
            let text = match (says, failed) {
                (Says::Good, Some(_)) => format!("{OTHERWISE}{}", told(examined)),
                _ => told(examined),
            };
            (says, text)
        })
    }

    /// What is searched, in a word.
    pub fn sought(&self) -> Sought {
        match self {
            Target::Failure(kind) => Sought::Failure(*kind),
            Target::Growth { .. } => Sought::Failure(FailureKind::Growth),
            Target::Count { cost, .. } => Sought::Count(*cost),
        }
    }

    /// What a version says, and why; `None` where that cannot be told before the
    /// good end was looked at.
    pub fn says(&self, scenario: &Scenario, result: &CaseResult) -> Option<(Says, String)> {
        let examined = match result {
            Ok(examined) => examined,
            Err(why) => return Some((Says::Skip, why.message())),
        };
        Some(match self {
            Target::Failure(kind) => failure_says(*kind, examined),
            Target::Growth { cost, amount } => growth_says((*cost, *amount), scenario, examined),
            Target::Count { cost, bad, good } => {
                return count_says(*cost, (*bad, *good), examined);
            }
        })
    }

    /// What the good end itself says: it is good by its count, whatever that is.
    pub fn good_end_says(&self, scenario: &Scenario, result: &CaseResult) -> (Says, String) {
        let said = self.says(scenario, result);
        match (self, result) {
            (Target::Count { cost, .. }, Ok(examined)) => match count(*cost, examined) {
                Some(here) => (Says::Good, format!("{cost} {}", amount(*cost, here))),
                None => uncounted(*cost, examined),
            },
            (_, Err(why)) => (Says::Skip, why.message()),
            (_, Ok(examined)) => said.unwrap_or_else(|| (Says::Skip, told(examined))),
        }
    }

    /// Takes the count of the good end; says whether that is the bad end's.
    pub fn with_good_end(&mut self, result: &CaseResult) -> bool {
        let Target::Count { cost, bad, good } = self else {
            return false;
        };
        *good = result.as_ref().ok().and_then(|it| count(*cost, it));
        good.is_some_and(|good| distance(*bad, good) <= ALIKE.ln())
    }
}

fn failure_says(kind: FailureKind, examined: &Examined) -> (Says, String) {
    let text = told(examined);
    let compiling = matches!(
        examined.outcome.ending,
        Ending::Crashed {
            doing: Doing::Compiling,
            ..
        }
    );
    match examined.judgement.verdict {
        Verdict::Failed(other) if other == kind => (Says::Bad, text),
        Verdict::Failed(other) if other.is_of_compiler() => (Says::Skip, text),
        Verdict::Failed(other) if other.is_of_budget() || compiling => (Says::Skip, text),
        Verdict::Failed(_) => (Says::Good, format!("{OTHERWISE}{text}")),
        Verdict::Unsupported | Verdict::Refused | Verdict::Undecided | Verdict::NotRun => {
            (Says::Skip, text)
        }
        Verdict::Pass | Verdict::Known | Verdict::Fixed => (Says::Good, text),
    }
}

fn growth_says((cost, amount): (Cost, f64), scenario: &Scenario, it: &Examined) -> (Says, String) {
    let text = told(it);
    if !returned(it) {
        let why = format!("{text}; how its cost grows is known only where it returns");
        return (Says::Skip, why);
    }
    let Some(grown) = it.grown.as_deref() else {
        let why = format!("{text}; it does not return at n/4 and n/2, so its growth is not known");
        return (Says::Skip, why);
    };
    let here = last(it).and_then(|point| cost.at(point)).unwrap_or(0.0);
    match rough_excess_of(cost, grown, &scenario.growth) {
        Some(Excess { message, .. }) if here * FAR >= amount => (Says::Bad, grows(&message)),
        Some(Excess { message, .. }) => {
            let times = amount / here;
            let much = match cost {
                Cost::Instructions => "many",
                _ => "much",
            };
            let why = format!(
                "{OTHERWISE}{}; the bad end has {times:.0} times as {much} {cost}",
                grows(&message)
            );
            (Says::Good, why)
        }
        None if it.judgement.verdict == Verdict::Pass => (Says::Good, text),
        None => (Says::Good, format!("{OTHERWISE}{text}")),
    }
}

fn count_says(
    cost: Cost,
    (bad, good): (f64, Option<f64>),
    it: &Examined,
) -> Option<(Says, String)> {
    let Some(here) = count(cost, it) else {
        return Some(uncounted(cost, it));
    };
    let away = distance(here, bad);
    let says = match good {
        Some(good) if away < distance(here, good) => Says::Bad,
        Some(_) => Says::Good,
        // What the bad end has, or far from it, needs no other to be told by.
        None if away <= ALIKE.ln() => Says::Bad,
        None if away >= FAR.ln() => Says::Good,
        None => return None,
    };
    Some((says, format!("{cost} {}", amount(cost, here))))
}

fn uncounted(cost: Cost, it: &Examined) -> (Says, String) {
    let are = match cost {
        Cost::Instructions => "are",
        _ => "is",
    };
    let why = format!("{}; its {cost} {are} known only where it returns", told(it));
    (Says::Skip, why)
}

/// The verdict and its message, in one line that begins with the verdict.
pub fn told(examined: &Examined) -> String {
    examined.judgement.told()
}

fn grows(message: &str) -> String {
    format!("{}: {message}", FailureKind::Growth.name())
}

/// A count as people read it.
pub fn amount(cost: Cost, count: f64) -> String {
    match cost {
        Cost::Heap => Bytes(count as u64).to_string(),
        _ => Instructions(count as u64).to_string(),
    }
}

/// Whether the program came to its end, right or wrong.
pub fn returned(examined: &Examined) -> bool {
    matches!(examined.outcome.ending, Ending::Returned { .. })
}

fn last(examined: &Examined) -> Option<&Point> {
    examined.grown.as_deref().map(|it| &it.points[2])
}

fn count(cost: Cost, examined: &Examined) -> Option<f64> {
    // The n has no part in a count.
    let point = Point::of(Scale::ONE, &examined.outcome, None);
    cost.at(&point).filter(|_| returned(examined))
}

/// How far apart two counts are, as the logarithm of their ratio.
fn distance(one: f64, other: f64) -> f64 {
    (one.max(1.0) / other.max(1.0)).ln().abs()
}

/// Whether a case was kept from being run by its own scenario.
pub fn is_fault_of_scenario(result: &CaseResult) -> bool {
    matches!(result, Err(NotRun::Scenario(_)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::case::{Measures, Usage, Value};
    use crate::judge::Judgement;
    use crate::judge::growth::Grown;
    use crate::judge::samples::{expecting, outcome, returned, trapped};
    use crate::scenario::catalogue::Catalogue;

    fn linked_list() -> Catalogue {
        Catalogue::load(&[] as &[&str])
    }

    /// A case that came to `verdict`, with its instructions at n/4, n/2 and n where it
    /// returned.
    fn examined(verdict: Verdict, work: Option<[u64; 3]>) -> CaseResult {
        let measures = |count: u64| Measures {
            instructions: Instructions(count),
            ..Measures::default()
        };
        let ending = match work {
            Some(_) => returned(Value::Int(1)),
            None => trapped("unreachable"),
        };
        let point = |(count, n): (u64, u64)| Point {
            n: Scale::new(n).unwrap(),
            measures: Some(measures(count)),
            host: None,
            probed: None,
            compile: None,
            run: Usage::default(),
        };
        let outcome = crate::case::Outcome {
            measures: work.map(|it| measures(it[2])),
            ..outcome(ending, "")
        };
        Ok(Examined {
            outcome: Arc::new(outcome),
            expected: Arc::new(expecting(Value::Int(1), "")),
            input: "".into(),
            twin: None,
            grown: work.map(|[a, b, c]| {
                let points = [(a, 250), (b, 500), (c, 1000)].map(point);
                let beyond = Vec::new();
                Arc::new(Grown { points, beyond })
            }),
            judgement: Judgement {
                verdict,
                message: String::new(),
            },
        })
    }

    const GROWS: Verdict = Verdict::Failed(FailureKind::Growth);

    #[test]
    fn growth_is_the_same_only_where_it_costs_about_as_much() {
        let catalogue = linked_list();
        let scenario = catalogue.get("linked-list").unwrap();
        let bad = examined(GROWS, Some([1_000_000, 4_000_000, 16_000_000]));
        let target = Target::of(None, scenario, &bad).unwrap();
        let says = |verdict, work| target.says(scenario, &examined(verdict, work)).unwrap();
        assert_eq!(
            says(GROWS, Some([900_000, 3_000_000, 12_000_000])).0,
            Says::Bad
        );
        let (other, why) = says(GROWS, Some([9_000, 30_000, 120_000]));
        assert_eq!(other, Says::Good);
        assert!(
            why.starts_with("fails otherwise: growth: instructions grow")
                && why.ends_with("the bad end has 133 times as many instructions"),
            "{why}"
        );
        assert_eq!(
            says(Verdict::Pass, Some([1_000, 2_000, 4_000])).0,
            Says::Good
        );
        // Right or wrong, it grows.
        let wrong = Verdict::Failed(FailureKind::Wrong);
        assert_eq!(
            says(wrong, Some([900_000, 3_000_000, 12_000_000])).0,
            Says::Bad
        );
        // What does not return has no cost.
        let trap = Verdict::Failed(FailureKind::Trap);
        assert_eq!(says(trap, None).0, Says::Skip);
    }

    #[test]
    fn another_failure_is_good_and_what_cannot_tell_is_skipped() {
        let catalogue = linked_list();
        let scenario = catalogue.get("linked-list").unwrap();
        let failed = |kind| examined(Verdict::Failed(kind), None);
        let trap = Target::of(None, scenario, &failed(FailureKind::Trap)).unwrap();
        let says = |kind| trap.says(scenario, &failed(kind)).unwrap().0;
        assert_eq!(says(FailureKind::Trap), Says::Bad);
        for kind in [
            FailureKind::Wrong,
            FailureKind::Corrupt,
            FailureKind::Crashed,
        ] {
            assert_eq!(says(kind), Says::Good, "{kind:?}");
        }
        for kind in [
            FailureKind::Rejected,
            FailureKind::InvalidModule,
            FailureKind::OverTime,
            FailureKind::OverMemory,
            FailureKind::OverOutput,
            FailureKind::OverInstructions,
        ] {
            assert_eq!(says(kind), Says::Skip, "{kind:?}");
            // Unless that is what is searched.
            let target = Target::of(None, scenario, &failed(kind)).unwrap();
            assert_eq!(
                target.says(scenario, &failed(kind)).unwrap().0,
                Says::Bad,
                "{kind:?}"
            );
        }
        let wrong = Some(Sought::Failure(FailureKind::Wrong));
        let (instead, why) = Target::of(wrong, scenario, &failed(FailureKind::Trap)).unwrap_err();
        assert_eq!(
            (instead, why.as_str()),
            (Says::Good, "fails otherwise: trap")
        );
        let interrupted = trap.says(scenario, &Err(NotRun::Interrupted)).unwrap();
        assert_eq!(interrupted.0, Says::Skip);
    }

    #[test]
    fn a_count_is_on_the_side_that_it_is_nearer_to_as_a_ratio() {
        let catalogue = linked_list();
        let scenario = catalogue.get("linked-list").unwrap();
        let with = |work: u64| examined(Verdict::Pass, Some([1, 1, work]));
        let work = Some(Sought::Count(Cost::Instructions));
        let mut target = Target::of(work, scenario, &with(10_000)).unwrap();
        // Before the good end is known, only what is near or far is told.
        let first = |work| Some(target.says(scenario, &with(work))?.0);
        assert_eq!(first(10_900), Some(Says::Bad));
        assert_eq!(first(9_200), Some(Says::Bad));
        assert_eq!((first(8_000), first(1_001)), (None, None));
        assert_eq!(first(999), Some(Says::Good));
        assert!(!target.with_good_end(&with(100)));
        let says = |work| target.says(scenario, &with(work)).unwrap().0;
        assert_eq!((says(900), says(1_100)), (Says::Good, Says::Bad));
        assert_eq!((says(1), says(1_000_000)), (Says::Good, Says::Bad));
        for (good, alike) in [
            (10_000, true),
            (9_200, true),
            (9_000, false),
            (11_100, false),
        ] {
            assert_eq!(target.with_good_end(&with(good)), alike, "{good}");
        }
    }

    #[test]
    fn what_is_sought_is_a_verdict_or_a_count() {
        for word in [
            "trap",
            "over-memory",
            "engines-differ",
            "instructions",
            "heap",
        ] {
            assert_eq!(word.parse::<Sought>().unwrap().to_string(), word);
        }
        for word in ["pass", "known", "stack", ""] {
            assert!(word.parse::<Sought>().is_err(), "{word}");
        }
    }
}
