//! Programs held against their twins: rewritten so that they must do the same.

use std::ops::Range;
use std::sync::Arc;

use super::examiner::{Examiner, Execution};
use super::not_run::NotRun;
use crate::case::{Case, Ending, Instructions, Lane, Outcome, Scale, Sources};
use crate::engine::Allowance;
use crate::judge::{Telling, can_be_told, comparable, may_lack_room, twin_difference};
use crate::scenario::script::ScriptError;
use crate::scenario::{Call, Expectation, Scenario, Twins};
use crate::vera::print::print;
use crate::vera::twins::{Place, Rewrite};
use crate::vera::{Program, nodes};

/// Of how many nodes the tree of a small program is at most.
pub const SMALL: usize = 1_000;

/// Up to which n of a ladder a small program is held against its twins unasked, and how
/// much it may do there.
const LOW: u64 = 100;
const LITTLE: Instructions = Instructions(50_000_000);

/// At so many places one by one, at most, is looked for the one that makes a program
/// compile.
const SINGLE: usize = 24;

/// By how much n is made smaller to see whether a twin only lacks room.
const ROOM: u64 = 16;

/// A twin, and what it tells of its program.
#[derive(Clone, Debug)]
pub struct Twin {
    /// What it tells.
    pub telling: Telling,
    /// The same in words, with the place.
    pub message: String,
    /// How it was made.
    pub rewrite: Rewrite,
    /// Where: the first place of those.
    pub place: Place,
    /// Its files.
    pub sources: Sources,
}

impl Examiner<'_> {
    /// The first twin of the program of a case that tells something of it, where the
    /// scenario wants it held against its twins.
    pub(super) fn twin(
        &self,
        scenario: &Scenario,
        case: &Case,
        ran: &Execution,
        allowance: Allowance,
    ) -> Result<Option<Arc<Twin>>, NotRun> {
        let outcome = &ran.outcome;
        let wanted = match scenario.twins {
            Twins::Never => false,
            Twins::Always => true,
            Twins::WhereSmall => is_cheap(scenario, case, outcome),
        };
        let telling = wanted
            .then(|| can_be_told(outcome, ran.expected()))
            .flatten();
        let Some(telling) = telling else {
            return Ok(None);
        };
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let sources = scenario.program.sources(case.scale).map_err(scripted)?;
        let budget = scenario.budget_in(case.lane);
        let program = self.engines.tree(&sources, budget, self.interrupt)?;
        let Some(program) = program else {
            return Ok(None);
        };
        if scenario.twins == Twins::WhereSmall && nodes(&program) > SMALL {
            return Ok(None);
        }
        let search = Search {
            examiner: self,
            scenario,
            case,
            outcome,
            expected: ran.expected(),
            telling,
            sources,
            program: &program,
            allowance,
        };
        for rewrite in Rewrite::ALL {
            if let Some(twin) = search.by(rewrite)? {
                return Ok(Some(Arc::new(twin)));
            }
        }
        Ok(None)
    }
}

/// Whether what twins take is little beside what everything else of the case takes.
fn is_cheap(scenario: &Scenario, case: &Case, outcome: &Outcome) -> bool {
    let low = scenario.ladder().is_empty() || case.scale.get() <= LOW;
    let measures = outcome.measures.as_ref();
    case.lane == Lane::NATIVE && low && measures.is_none_or(|it| it.instructions <= LITTLE)
}

/// A search for a twin of one program.
struct Search<'a> {
    examiner: &'a Examiner<'a>,
    scenario: &'a Scenario,
    case: &'a Case,
    outcome: &'a Outcome,
    expected: &'a Expectation,
    telling: Telling,
    sources: Sources,
    program: &'a Program,
    allowance: Allowance,
}

/// The files of a twin, and what it tells.
type Told = (Sources, String);

impl Search<'_> {
    /// The twin by one rewrite that tells something, made at as few places as do.
    fn by(&self, rewrite: Rewrite) -> Result<Option<Twin>, NotRun> {
        let places = rewrite.places(self.program);
        let mut at = 0..places.len();
        let told = match self.tried(rewrite, at.clone())? {
            Some(told) => Some(told),
            // What makes it compile at one place may keep it from it at another.
            None if self.telling == Telling::Compiles => {
                let single = self.at_fault(&places).find_map(|place| {
                    at = place..place + 1;
                    self.tried(rewrite, at.clone()).transpose()
                });
                single.transpose()?
            }
            None => None,
        };
        let Some(mut told) = told else {
            return Ok(None);
        };
        // Printing it anew is no rewrite, and must tell nothing.
        if let Some((sources, said)) = self.tried(rewrite, 0..0)? {
            return Ok(Some(Twin {
                message: format!("{said}, and is only printed anew"),
                ..self.twin(rewrite, (&places, 0..1), (sources, String::new()))
            }));
        }
        while at.len() > 1 {
            let middle = at.start + at.len() / 2;
            let halves = [at.start..middle, middle..at.end];
            let mut smaller = None;
            for half in halves {
                if let Some(it) = self.tried(rewrite, half.clone())? {
                    smaller = Some((half, it));
                    break;
                }
            }
            let Some((half, it)) = smaller else { break };
            (at, told) = (half, it);
        }
        Ok(Some(self.twin(rewrite, (&places, at), told)))
    }

    /// The places that the compiler's words may be about: those of the functions that
    /// it names, or all where it names none.
    fn at_fault(&self, places: &[Place]) -> impl Iterator<Item = usize> {
        let said = self.outcome.ending.said();
        let is_named = |it: &Place| said.contains(&format!("'{}'", it.function));
        let any = places.iter().any(is_named);
        let all = places.iter().enumerate();
        let those = all.filter(|(_, it)| !any || is_named(it)).map(|(at, _)| at);
        those.take(SINGLE).collect::<Vec<_>>().into_iter()
    }

    fn twin(
        &self,
        rewrite: Rewrite,
        (places, at): (&[Place], Range<usize>),
        (sources, said): Told,
    ) -> Twin {
        let place = places[at.start].clone();
        let more = match at.len() - 1 {
            0 => String::new(),
            more => format!(", as {more} more,"),
        };
        let change = format!("{place}{more} {}", rewrite.change());
        let message = match self.telling {
            Telling::Differs => format!("{said}; in the twin {change} ({rewrite})"),
            Telling::Compiles => format!("it compiles once {change} ({rewrite})"),
        };
        Twin {
            telling: self.telling,
            message,
            rewrite,
            place,
            sources,
        }
    }

    /// What the twin by a rewrite at these places tells, if anything.
    fn tried(&self, rewrite: Rewrite, places: Range<usize>) -> Result<Option<Told>, NotRun> {
        let Ok(text) = print(&rewrite.at(self.program, places)) else {
            return Ok(None);
        };
        if Some(text.as_str()) == self.sources.main_text() {
            return Ok(None);
        }
        let mut sources = self.sources.clone();
        sources.files.insert(sources.main.clone(), text);
        let twin = self.run(&sources, self.case.scale)?;
        let said = match self.telling {
            Telling::Compiles => (!twin.ending.never_ran()).then(String::new),
            Telling::Differs => self.difference(self.outcome, &twin),
        };
        match said {
            Some(_) if may_lack_room(&twin) && self.has_room_below(&sources)? => Ok(None),
            said => Ok(said.map(|said| (sources, said))),
        }
    }

    fn difference(&self, program: &Outcome, twin: &Outcome) -> Option<String> {
        let lane = self.case.lane;
        // What did not run has no results that chance could have a part in.
        let tells = twin.ending.never_ran()
            || matches!(twin.ending, Ending::Corrupt { .. } | Ending::Crashed { .. })
            || comparable((lane, program), (lane, twin));
        tells.then(|| twin_difference(self.expected, program, twin))?
    }

    /// Whether a twin does the same at a smaller n: it only takes more room than the
    /// program then.
    fn has_room_below(&self, twin: &Sources) -> Result<bool, NotRun> {
        let below = Scale::new(self.case.scale.get() / ROOM);
        let Some(below) = below.filter(|_| matches!(self.scenario.call, Call::Scale)) else {
            return Ok(false);
        };
        let (program, twin) = (self.run(&self.sources, below)?, self.run(twin, below)?);
        Ok(self.difference(&program, &twin).is_none())
    }

    fn run(&self, sources: &Sources, n: Scale) -> Result<Arc<Outcome>, NotRun> {
        let case = Case {
            scale: n,
            ..self.case.clone()
        };
        let ran = (self.examiner).run_files(self.scenario, sources, &case, self.allowance)?;
        match self.allowance.cut_short(&ran.outcome.ending) {
            true => Err(NotRun::Budget(self.examiner.budget)),
            false => Ok(ran.outcome),
        }
    }
}
