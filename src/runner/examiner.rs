//! The one path from a case to a verdict.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::elsewhere::Elsewhere;
use super::examined::{Examined, Result};
use super::growth::{self, Growth};
use super::not_run::NotRun;
use super::scripts::{Fixture, Scripts};
use super::tight;
use super::twins::Twin;
use crate::case::{
    Budget, Bytes, Case, Ending, Instructions, Lane, Outcome, Probed, Scale, Sources, Usage,
};
use crate::engine::{Allowance, Engines, PriorRun, Subject};
use crate::interrupt::Interrupt;
use crate::judge::growth::{Grown, judgement, most, rough_excesses};
use crate::judge::{Knowledge, Peer, Verdict, comparable, judge, told_by_twin};
use crate::scenario::script::ScriptError;
use crate::scenario::{Cost, Expectation, KnownLimit, Program, Scenario};
use crate::toolchain::compile::{Compiled, Stop};

/// Runs single cases: the one path from a case to a verdict.
pub struct Examiner<'a> {
    /// What they must produce and are given, as far as it was asked ahead.
    pub scripts: &'a Scripts,
    /// What compiles and runs them.
    pub engines: &'a Engines,
    /// What chance repeats with.
    pub seed: u64,
    /// What ends them early.
    pub interrupt: &'a Interrupt,
    /// What the whole suite may take, for messages.
    pub budget: Duration,
}

/// What a case did, before it is judged.
#[derive(Clone)]
pub(super) struct Execution {
    pub(super) outcome: Arc<Outcome>,
    fixture: Fixture,
    growth: Growth,
    twin: Option<Arc<Twin>>,
}

impl Execution {
    /// What came of a case, at whose growth and twins nobody looked.
    fn of(outcome: Outcome, fixture: Fixture) -> Execution {
        Execution {
            outcome: Arc::new(outcome),
            fixture,
            growth: Growth::Unseen,
            twin: None,
        }
    }

    /// What should have come of it.
    pub(super) fn expected(&self) -> &Expectation {
        &self.fixture.expected
    }
}

impl Examiner<'_> {
    /// Compiles, runs and judges `case` of `scenario`, and is done by `deadline`.
    /// Where it `compares`, the other engine runs a case that fails as well.
    pub fn examine_until(
        &self,
        scenario: &Scenario,
        case: &Case,
        compares: bool,
        deadline: Instant,
    ) -> Result {
        let known = self.known(scenario, case);
        self.examine_knowing(scenario, case, &known, compares, deadline)
    }

    /// The same where these are all the known limits of its lane.
    pub fn examine_knowing(
        &self,
        scenario: &Scenario,
        case: &Case,
        known: &[&KnownLimit],
        compares: bool,
        deadline: Instant,
    ) -> Result {
        let ran = self.run_until(scenario, case, deadline)?;
        let own = Arc::clone(&ran.outcome);
        let peer = || {
            let lanes = match scenario.oracle.agreement {
                Some(_) => vec![Lane::REFERENCE, Lane::NATIVE],
                None => Vec::from_iter(case.lane.partner().filter(|_| compares)),
            };
            lanes
                .into_iter()
                .filter(|it| *it != case.lane)
                .find_map(|lane| {
                    let peer = Case {
                        lane,
                        ..case.clone()
                    };
                    let ran = self.run_until(scenario, &peer, deadline).ok()?;
                    comparable((case.lane, &own), (lane, &ran.outcome)).then_some(Peer {
                        lane,
                        outcome: ran.outcome,
                    })
                })
        };
        self.judge(scenario, case, (ran, known), peer)
    }

    /// What comes of a case that is not run, for this reason, which is no failure.
    pub(super) fn pass_over(
        &self,
        scenario: &Scenario,
        case: &Case,
        message: String,
    ) -> std::result::Result<Execution, NotRun> {
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let outcome = Outcome::new(Ending::Unsupported { message });
        let fixture = self.scripts.at(scenario, case.scale).map_err(scripted)?;
        Ok(Execution::of(outcome, fixture))
    }

    /// Compiles, runs and judges `case` within a budget of the caller's, and is
    /// done by `deadline`. Its growth is not looked at.
    pub fn examine_within(
        &self,
        scenario: &Scenario,
        case: &Case,
        budget: Budget,
        deadline: Instant,
    ) -> Result {
        let ran = self.run_within(scenario, case, Allowance::exactly(budget, deadline))?;
        let mut known = self.known(scenario, case);
        // What is known of the scenario's own budgets says nothing of this one.
        known.retain(|limit| !limit.verdict.is_of_budget());
        self.judge(scenario, case, (ran, &known), || None)
    }

    /// Runs these files in the place of a scenario's own, within a budget of the
    /// caller's, and judges that as the scenario says, as if nothing were known.
    pub fn examine_instead(
        &self,
        scenario: &Scenario,
        sources: &Sources,
        case: &Case,
        budget: Budget,
    ) -> Result {
        if self.interrupt.is_set() {
            return Err(NotRun::Interrupted);
        }
        let ran = self.run_files(scenario, sources, case, budget)?;
        self.judge(scenario, case, (ran, &[]), || None)
    }

    /// Whether these files, in the place of a scenario's own, return on the native engine
    /// with sixteen times the room that Vera gives them.
    pub fn returns_with_room(
        &self,
        scenario: &Scenario,
        sources: &Sources,
        case: &Case,
        budget: Budget,
    ) -> std::result::Result<bool, NotRun> {
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let input = scenario.input.at(case.scale).map_err(scripted)?;
        let arguments = scenario.call.at(case.scale).map_err(scripted)?;
        let subject = Subject {
            sources,
            arguments: &arguments,
            input: &input,
            surroundings: &scenario.surroundings,
        };
        let (seed, interrupt) = (self.seed, self.interrupt);
        Ok((self.engines).returns_with_room(subject, case, seed, budget, interrupt)?)
    }

    /// Looks at the stack and the heap of a case that returned on the native
    /// engine within `budget` after `instructions`.
    pub fn probe(
        &self,
        scenario: &Scenario,
        case: &Case,
        budget: Budget,
        instructions: Instructions,
    ) -> std::result::Result<Option<Probed>, NotRun> {
        let prior = self.prior_run(budget, instructions);
        self.looking(scenario, case, |subject| {
            self.engines.probe(subject, case, prior, self.interrupt)
        })
    }

    /// The WebAssembly stack that such a case needs, where `most` is enough.
    pub fn stack_needed(
        &self,
        scenario: &Scenario,
        case: &Case,
        budget: Budget,
        instructions: Instructions,
        most: Bytes,
    ) -> std::result::Result<Option<Bytes>, NotRun> {
        let prior = self.prior_run(budget, instructions);
        self.looking(scenario, case, |subject| {
            self.engines
                .stack_needed(subject, case, prior, most, self.interrupt)
        })
    }

    pub(super) fn prior_run(&self, budget: Budget, instructions: Instructions) -> PriorRun {
        PriorRun {
            budget,
            seed: self.seed,
            instructions,
        }
    }

    /// Does something with the program of `case` and what it is given.
    fn looking<T>(
        &self,
        scenario: &Scenario,
        case: &Case,
        look: impl FnOnce(Subject<'_>) -> std::result::Result<T, Stop>,
    ) -> std::result::Result<T, NotRun> {
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let sources = scenario.program.sources(case.scale).map_err(scripted)?;
        let input = scenario.input.at(case.scale).map_err(scripted)?;
        let arguments = scenario.call.at(case.scale).map_err(scripted)?;
        let subject = Subject {
            sources: &sources,
            arguments: &arguments,
            input: &input,
            surroundings: &scenario.surroundings,
        };
        Ok(look(subject)?)
    }

    /// The compiled program of `case`, where it compiles.
    pub fn compiled(&self, scenario: &Scenario, case: &Case) -> Option<Compiled> {
        let sources = scenario.program.sources(case.scale).ok()?;
        let budget = scenario.budget_in(case.lane);
        self.engines
            .module(&sources, case.lane, budget, self.interrupt)
            .ok()?
    }

    /// What compiling the program of `case` takes, where it compiles: as the cache
    /// knows it, or measured `anew`.
    pub fn compile_cost(&self, scenario: &Scenario, case: &Case, anew: bool) -> Option<Usage> {
        let known = || self.compiled(scenario, case)?.cost;
        let measured = || {
            let sources = scenario.program.sources(case.scale).ok()?;
            let budget = scenario.budget_in(case.lane);
            (self.engines)
                .compile_cost(&sources, case.lane, budget, self.interrupt)
                .ok()?
        };
        if anew {
            measured()
        } else {
            known().or_else(measured)
        }
    }

    /// Compiles and runs `case`, and looks at its growth, until `deadline`.
    pub(super) fn run_until(
        &self,
        scenario: &Scenario,
        case: &Case,
        deadline: Instant,
    ) -> std::result::Result<Execution, NotRun> {
        let budget = scenario.budget_in(case.lane);
        let allowance = Allowance::of(budget, case.lane.engine, deadline);
        let ran = self.run_within(scenario, case, allowance)?;
        if allowance.cut_short(&ran.outcome.ending) {
            return Err(NotRun::Budget(self.budget));
        }
        Ok(Execution {
            growth: self.growth(scenario, case, &ran.outcome, allowance)?,
            twin: self.twin(scenario, case, &ran, allowance)?,
            ..ran
        })
    }

    fn run_within(
        &self,
        scenario: &Scenario,
        case: &Case,
        allowance: Allowance,
    ) -> std::result::Result<Execution, NotRun> {
        if self.interrupt.is_set() {
            return Err(NotRun::Interrupted);
        }
        if allowance.is_over(Instant::now()) {
            return Err(NotRun::Budget(self.budget));
        }
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let sources = scenario.program.sources(case.scale).map_err(scripted)?;
        self.run_sources(scenario, (&sources, None), case, allowance)
    }

    /// Runs these files in the place of a scenario's own.
    pub(super) fn run_files(
        &self,
        scenario: &Scenario,
        sources: &Sources,
        case: &Case,
        allowance: impl Into<Allowance>,
    ) -> std::result::Result<Execution, NotRun> {
        self.run_sources(scenario, (sources, Some(sources)), case, allowance.into())
    }

    /// Runs these files; `fixed` are those at other n, where they are not the scenario's.
    fn run_sources(
        &self,
        scenario: &Scenario,
        (sources, fixed): (&Sources, Option<&Sources>),
        case: &Case,
        allowance: Allowance,
    ) -> std::result::Result<Execution, NotRun> {
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let fixture = self.scripts.at(scenario, case.scale).map_err(scripted)?;
        let arguments = scenario.call.at(case.scale).map_err(scripted)?;
        let subject = Subject {
            sources,
            arguments: &arguments,
            input: &fixture.input,
            surroundings: &scenario.surroundings,
        };
        let outcome = self.execute(scenario, subject, fixed, case, allowance)?;
        Ok(Execution::of(outcome, fixture))
    }

    /// Compiles and runs a case. A table that is full only because it is smaller than as
    /// shipped is explained, or is not; `fixed` are the files at other n, where they are
    /// not the scenario's.
    fn execute(
        &self,
        scenario: &Scenario,
        subject: Subject<'_>,
        fixed: Option<&Sources>,
        case: &Case,
        allowance: Allowance,
    ) -> std::result::Result<Outcome, NotRun> {
        let outcome = self
            .engines
            .run(subject, case, self.seed, allowance, self.interrupt)?;
        let Some(table) = outcome.filled else {
            return Ok(outcome);
        };
        let elsewhere = Elsewhere {
            examiner: self,
            scenario,
            fixed,
            case,
            allowance,
        };
        let declared = (&scenario.growth, case.scale);
        tight::told(outcome, table, declared, &elsewhere)
    }

    /// Looks at two smaller n of a case whose growth can be seen from them, and at
    /// larger ones where they leave it open. A program that is itself made from n
    /// would have to be compiled anew for each.
    fn growth(
        &self,
        scenario: &Scenario,
        case: &Case,
        outcome: &Outcome,
        allowance: Allowance,
    ) -> std::result::Result<Growth, NotRun> {
        let Program::Fixed(sources) = &scenario.program else {
            return Ok(Growth::Unseen);
        };
        if scenario.growth.says_nothing() || !growth::shows(case, outcome) {
            return Ok(Growth::Unseen);
        }
        let run = |n: Scale, allowance: Allowance| {
            let elsewhere = Elsewhere {
                examiner: self,
                scenario,
                fixed: Some(sources),
                case,
                allowance,
            };
            elsewhere.outcome(case.lane, n)
        };
        let growth = Growth::of(case.scale, outcome, allowance, |n| run(n, allowance))?;
        let excesses = |grown: &Grown| rough_excesses(grown, &scenario.growth);
        let by_machine = |grown: &Grown| excesses(grown).iter().any(|it| it.cost.is_of_machine());
        let growth = growth.repeated(allowance, by_machine, |n| run(n, allowance))?;
        let known = self.known(scenario, case);
        let budget = allowance.running;
        let goes_on = |grown: &Grown| {
            let found = judgement(&excesses(grown), &known)?;
            let here = grown.beyond.last().unwrap_or(&grown.points[2]);
            let instructions = here.measures.as_ref()?.instructions.0 as f64;
            let most = most(Cost::Instructions, here.n, &scenario.growth, &known);
            // A step may lie there: four times what the shape allows. The cast saturates.
            let most =
                most.map(|most| Instructions((4.0 * instructions * 4_f64.powf(most)) as u64));
            let most = most.map_or(budget.instructions, |most| most.min(budget.instructions));
            (found.verdict != Verdict::Known).then_some(most)
        };
        let nominal = scenario.scale_in(case.lane);
        growth.looked_beyond(nominal, allowance, goes_on, |n, instructions| {
            let running = Budget {
                instructions,
                ..budget
            };
            run(
                n,
                Allowance {
                    running,
                    ..allowance
                },
            )
        })
    }

    /// All that is known of the lane of a case, at whatever n.
    pub(super) fn known<'s>(&self, scenario: &'s Scenario, case: &Case) -> Vec<&'s KnownLimit> {
        scenario.limits_in(case.lane, &self.engines.toolchain().version)
    }

    /// Judges what a case did, with these known limits, whatever their n. Where its
    /// verdict waits for a look at its growth that the deadline ended, there is none.
    pub(super) fn judge(
        &self,
        scenario: &Scenario,
        case: &Case,
        (ran, known): (Execution, &[&KnownLimit]),
        peer: impl FnOnce() -> Option<Peer>,
    ) -> Result {
        let Execution {
            outcome,
            fixture: Fixture { expected, input },
            growth,
            twin,
        } = ran;
        if growth.leaves_open(&outcome, &expected) {
            return Err(NotRun::Budget(self.budget));
        }
        let grown = growth.seen();
        let covers = |limit: &&&KnownLimit| case.scale >= limit.from_n;
        let limits: Vec<&KnownLimit> = known.iter().filter(covers).copied().collect();
        let excesses = grown.as_deref();
        let excesses = excesses.map(|grown| rough_excesses(grown, &scenario.growth));
        let known = Knowledge {
            limits: &limits,
            faster: judgement(&excesses.unwrap_or_default(), known),
        };
        let mut judgement = judge(case.lane, &outcome, &expected, known, peer);
        if let Some(twin) = &twin {
            let told = (twin.telling, twin.message.as_str());
            judgement = told_by_twin(judgement, told, &limits);
        }
        Ok(Examined {
            outcome,
            expected,
            input,
            grown,
            twin,
            judgement,
        })
    }
}
