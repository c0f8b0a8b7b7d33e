//! Guards held to what they say: each scenario is run on the version that has the
//! bug, where it must fail as such a bug does, and on the one that has it no longer,
//! where it must pass.

mod looking;
mod version;

use std::path::Path;
use std::time::{Duration, Instant};

use super::{Finished, Setting};
use crate::case::Problem;
use crate::record::guards::{GuardCheck, GuardState, GuardsInfo, GuardsReport, GuardsSummary};
use crate::record::{Conclusion, Event, Format};
use crate::runner::NotRun;
use crate::scenario::{Guard, Proof, Scenario};
use looking::{Looking, Pair};
use version::{Named, Version};

/// What a check works with.
pub struct GuardsCheck<'a> {
    /// What every use works with; its commands ignore known limits.
    pub setting: Setting<'a>,
    /// A clone of Vera's repository, which has the tags.
    pub repo: Option<&'a Path>,
    /// What to do about a guard on a tag where there is none.
    pub without_repo: &'a str,
    /// What the whole check may take.
    pub budget: Duration,
}

/// The guards of scenarios that the same versions prove, so that no more than two
/// have to be set up at a time.
struct Round<'a> {
    fails_on: Named<'a>,
    fixed_in: Option<Named<'a>>,
    scenarios: Vec<&'a Scenario>,
}

impl<'a> Round<'a> {
    /// All that are to be done, by the version that has the bug.
    fn all(scenarios: &[&'a Scenario]) -> Vec<Round<'a>> {
        let mut rounds: Vec<Round<'a>> = Vec::new();
        for &scenario in scenarios {
            for on in scenario.guards.iter().filter_map(Guard::proven_on) {
                let fails_on = Named::new(&on.fails_on, on.repo);
                let fixed_in = on.fixed_in.as_ref().map(|it| Named::new(it, on.repo));
                let same = |it: &&mut Round<'a>| it.is_of(fails_on, fixed_in);
                match rounds.iter_mut().find(same) {
                    None => rounds.push(Round {
                        fails_on,
                        fixed_in,
                        scenarios: vec![scenario],
                    }),
                    Some(round)
                        if round
                            .scenarios
                            .last()
                            .is_some_and(|it| it.name == scenario.name) => {}
                    Some(round) => round.scenarios.push(scenario),
                }
            }
        }
        rounds.sort_by(|one, other| one.fails_on.order(other.fails_on));
        rounds
    }

    fn is_of(&self, fails_on: Named<'_>, fixed_in: Option<Named<'_>>) -> bool {
        self.fails_on == fails_on && self.fixed_in == fixed_in
    }

    /// The guards of a scenario that are of this round.
    fn guards<'s>(&self, scenario: &'s Scenario) -> Vec<&'s Guard> {
        let is_of_it = |guard: &&Guard| {
            guard.proven_on().is_some_and(|on| {
                let fixed_in = on.fixed_in.as_ref().map(|it| Named::new(it, on.repo));
                self.is_of(Named::new(&on.fails_on, on.repo), fixed_in)
            })
        };
        scenario.guards.iter().filter(is_of_it).collect()
    }
}

impl GuardsCheck<'_> {
    /// Looks at all guards of `scenarios`.
    pub fn run(&self, scenarios: &[&Scenario]) -> Finished<GuardsReport> {
        let started = Instant::now();
        let setting = &self.setting;
        let info = GuardsInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            guards: scenarios.iter().map(|it| it.guards.len()).sum(),
            repo: self.repo.map(|it| it.display().to_string()),
            seed: setting.seed,
            unloaded: setting.unloaded(),
        };
        let rounds = Round::all(scenarios);
        setting.send(Event::Ahead(
            rounds.iter().map(|it| it.scenarios.len()).sum(),
        ));
        setting.send(Event::GuardsStarted(info.clone()));
        let mut looks = unproven(scenarios);
        for look in &looks {
            setting.send(Event::GuardLookedAt(look.clone()));
        }
        let mut not_set_up = 0;
        for round in &rounds {
            let deadline = started + self.budget;
            looks.extend(self.round(round, deadline, &mut not_set_up));
        }
        let of = |state| looks.iter().filter(|it| it.found == state).count();
        let summary = GuardsSummary {
            guards: info.guards,
            proven: of(GuardState::Proven),
            r#false: looks.iter().filter(|it| it.found.is_false()).count(),
            unproven: of(GuardState::Unproven),
            unchecked: of(GuardState::Unchecked),
            not_set_up,
            interrupted: setting.interrupt.is_set(),
            seconds: started.elapsed().as_secs_f64(),
        };
        setting.send(Event::GuardsFinished(summary.clone()));
        Finished {
            conclusion: Conclusion {
                interrupted: summary.interrupted,
                failed: summary.r#false > 0,
                toolchain: summary.not_set_up > 0,
                scenario: setting.is_broken(),
                incomplete: summary.unchecked > 0,
                ..Conclusion::default()
            },
            report: GuardsReport {
                info,
                looks,
                summary,
            },
        }
    }

    /// Looks at the guards of a round, side by side.
    fn round(
        &self,
        round: &Round<'_>,
        deadline: Instant,
        not_set_up: &mut usize,
    ) -> Vec<GuardCheck> {
        let setting = &self.setting;
        let pair = self.pair(round, deadline, not_set_up);
        let one = |scenario: &Scenario| {
            let what = format!("{} on {}", scenario.name, round.fails_on);
            let guards = round.guards(scenario);
            let looks = setting.under_way(what, || match &pair {
                Ok(pair) => {
                    let mut looking =
                        Looking::new(setting, scenario, pair, (self.budget, deadline));
                    guards.into_iter().map(|it| looking.at(it)).collect()
                }
                Err(why) => {
                    let untold = |it| looked(scenario, it, GuardState::Unchecked, why.to_string());
                    guards.into_iter().map(untold).collect::<Vec<_>>()
                }
            });
            for look in &looks {
                setting.send(Event::GuardLookedAt(look.clone()));
            }
            looks
        };
        let looks = setting.each(&round.scenarios, |it| it.alone, one);
        looks.into_iter().flatten().collect()
    }

    /// The versions of a round, set up.
    fn pair(
        &self,
        round: &Round<'_>,
        deadline: Instant,
        not_set_up: &mut usize,
    ) -> Result<Pair, Problem> {
        let setting = &self.setting;
        if setting.interrupt.is_set() {
            return Err(Problem::new(NotRun::Interrupted.message()));
        }
        if Instant::now() >= deadline {
            return Err(Problem::new(NotRun::Budget(self.budget).message()));
        }
        let is_tag = |it: Named<'_>| it.is_tag && self.repo.is_none();
        if is_tag(round.fails_on) {
            let what = "what proves it is a tag of Vera's repository";
            return Err(Problem::new(what).next(self.without_repo));
        }
        let mut set_up = |named: Named<'_>| {
            let version = Version::set_up(named, self.repo, setting);
            *not_set_up += usize::from(version.is_err());
            version
        };
        Ok(Pair {
            fails_on: set_up(round.fails_on)?,
            fixed_in: round.fixed_in.map(set_up).transpose()?,
        })
    }
}

/// What is said of the guards that name no version.
fn unproven(scenarios: &[&Scenario]) -> Vec<GuardCheck> {
    let all = scenarios
        .iter()
        .flat_map(|scenario| scenario.guards.iter().map(move |guard| (*scenario, guard)));
    let of = |(scenario, guard): (&Scenario, &Guard)| match &guard.proof {
        Some(Proof::Versions(_)) => None,
        Some(Proof::Unproven { unproven }) => Some(looked(
            scenario,
            guard,
            GuardState::Unproven,
            unproven.clone(),
        )),
        None => Some(looked(
            scenario,
            guard,
            GuardState::Unproven,
            "it does not say on which version it fails".to_owned(),
        )),
    };
    all.filter_map(of).collect()
}

/// A look at a guard for which nothing was run, or which is still to be filled in.
fn looked(scenario: &Scenario, guard: &Guard, found: GuardState, message: String) -> GuardCheck {
    let on = guard.proven_on();
    GuardCheck {
        scenario: scenario.name.clone(),
        guard: guard.to_string(),
        file: format!("{}/scenario.toml", scenario.folder),
        fails_on: on.map(|it| it.fails_on.clone()),
        fixed_in: on.and_then(|it| it.fixed_in.clone()),
        lane: None,
        n: None,
        found,
        message,
        again: Vec::new(),
    }
}
