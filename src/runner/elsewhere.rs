//! The program of a case at other n, and as shipped.

use std::time::Instant;

use super::examiner::Examiner;
use super::not_run::NotRun;
use super::tight::{Looks, Taken};
use crate::case::{Bytes, Case, Doing, Ending, Lane, Outcome, Scale, Sources, Table};
use crate::engine::{Allowance, Subject};
use crate::scenario::Scenario;
use crate::toolchain::compile::Stop;

/// A case at other n, and as shipped.
pub(super) struct Elsewhere<'a> {
    pub(super) examiner: &'a Examiner<'a>,
    pub(super) scenario: &'a Scenario,
    /// Its files at every n, where they are not the scenario's.
    pub(super) fixed: Option<&'a Sources>,
    pub(super) case: &'a Case,
    pub(super) allowance: Allowance,
}

impl Elsewhere<'_> {
    /// The same at another n.
    fn case(&self, lane: Lane, n: Scale) -> Case {
        Case {
            lane,
            scale: n,
            ..self.case.clone()
        }
    }

    /// Does something with the program; `None` where there is none for this n.
    fn looking<T>(
        &self,
        n: Scale,
        look: impl FnOnce(Subject<'_>) -> Result<T, Stop>,
    ) -> Result<Option<T>, NotRun> {
        let own;
        let sources = match self.fixed {
            Some(sources) => sources,
            None => match self.scenario.program.sources(n) {
                Ok(sources) => {
                    own = sources;
                    &own
                }
                Err(_) => return Ok(None),
            },
        };
        let (Ok(input), Ok(arguments)) = (self.scenario.input.at(n), self.scenario.call.at(n))
        else {
            return Ok(None);
        };
        let subject = Subject {
            sources,
            arguments: &arguments,
            input: &input,
            surroundings: &self.scenario.surroundings,
        };
        Ok(Some(look(subject)?))
    }

    /// What comes of it at another n; `None` where there is no program or no input for
    /// it, as where a script has nothing for an n that nobody asked for.
    pub(super) fn outcome(&self, lane: Lane, n: Scale) -> Result<Option<Outcome>, NotRun> {
        let Examiner {
            engines,
            seed,
            interrupt,
            ..
        } = self.examiner;
        let case = self.case(lane, n);
        self.looking(n, |subject| {
            engines.run(subject, &case, *seed, self.allowance, interrupt)
        })
    }
}

impl Looks for Elsewhere<'_> {
    fn taken(&self, table: Table, n: Scale) -> Result<Option<Taken>, NotRun> {
        let lane = Lane::NATIVE;
        let outcome = self.outcome(lane, n)?;
        let Some(outcome) = outcome.filter(|it| matches!(it.ending, Ending::Returned { .. }))
        else {
            return Ok(None);
        };
        let Some(measures) = outcome.measures else {
            return Ok(None);
        };
        let budget = self.allowance.at(Doing::Running, Instant::now());
        let prior = self.examiner.prior_run(budget, measures.instructions);
        let case = self.case(lane, n);
        let probed = self.looking(n, |subject| {
            let interrupt = self.examiner.interrupt;
            self.examiner
                .engines
                .probe(subject, &case, prior, interrupt)
        })?;
        let Some(probed) = probed.flatten() else {
            return Ok(None);
        };
        let (taken, room) = match table {
            Table::WrapTable => (Some(probed.wrap_table), probed.wrap_room),
            Table::ShadowStack | Table::Worklist => (measures.shadow_stack, measures.shadow_room),
        };
        let entries = |bytes: Bytes| bytes.0 / u64::from(table.entry());
        Ok(taken.zip(room).map(|(taken, room)| Taken {
            entries: entries(taken),
            room: entries(room),
            stack: probed.stack.0,
        }))
    }

    fn fills(&self, table: Table, n: Scale) -> Result<bool, NotRun> {
        let outcome = self.outcome(self.case.lane, n)?;
        Ok(outcome.is_some_and(|it| it.filled == Some(table)))
    }
}
