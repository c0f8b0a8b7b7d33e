//! Which of Vera's own code makes modules of the scenarios and runs those.

use std::collections::{BTreeSet, HashMap};

use super::tally::Tally;
use super::{Coverage, Measured, Untold, scale_of};
use crate::campaign::bench::Bench;
use crate::case::Problem;
use crate::engine::Subject;
use crate::record::coverage::{Aspect, CoveragePart, Thing};
use crate::scenario::Scenario;
use crate::toolchain::inventory::{
    CodeFile, CodeFunction, Emission, EmissionSite, Lines, emission,
};

/// What sites emit, and what they are called together.
const KINDS: [(&str, &str); 4] = [
    ("root", "roots"),
    ("allocation", "allocations"),
    ("loop", "loops"),
    ("host call", "host calls"),
];

impl Coverage<'_> {
    /// What of this Vera's code generator and runtime compiling and running
    /// `scenarios` reaches.
    pub(super) fn compiler(
        &self,
        bench: &Bench,
        scenarios: &[&Scenario],
    ) -> Result<Measured, Problem> {
        let has = emission(bench.engines.workers(), self.setting.interrupt);
        let has = self.told(has)?;
        let traced = self.each(scenarios, |scenario| {
            (scenario.name.clone(), self.traced(bench, scenario))
        });
        let mut told = Vec::new();
        let mut untold = Vec::new();
        for (scenario, lines) in traced {
            match lines {
                Ok(lines) => told.push((scenario, lines)),
                Err(why) => untold.push(why),
            }
        }
        Ok((aspects(&has, &told), untold))
    }

    fn traced(&self, bench: &Bench, scenario: &Scenario) -> Result<Lines, Untold> {
        let scale = scale_of(scenario);
        let script = |why: crate::scenario::script::ScriptError| Untold::of(scenario, why);
        let sources = scenario.program.sources(scale).map_err(script)?;
        let arguments = scenario.call.at(scale).map_err(script)?;
        let input = scenario.input.at(scale).map_err(script)?;
        let subject = Subject {
            sources: &sources,
            arguments: &arguments,
            input: &input,
            surroundings: &scenario.surroundings,
        };
        let interrupt = self.setting.interrupt;
        match (bench.engines).trace(subject, scale, scenario.budget, interrupt) {
            Ok(Ok(lines)) => Ok(lines),
            Ok(Err(ending)) => Err(Untold::ended(scenario, &ending)),
            Err(stop) => Err(Untold::of(scenario, stop)),
        }
    }
}

/// Which scenarios ran which lines.
struct Ran<'a>(HashMap<&'a str, HashMap<u32, Vec<&'a str>>>);

impl<'a> Ran<'a> {
    fn of(traced: &'a [(String, Lines)]) -> Ran<'a> {
        let mut ran: HashMap<&str, HashMap<u32, Vec<&str>>> = HashMap::new();
        for (scenario, lines) in traced {
            for (file, lines) in lines {
                let by_line = ran.entry(file).or_default();
                for line in lines {
                    by_line.entry(*line).or_default().push(scenario);
                }
            }
        }
        Ran(ran)
    }

    /// The scenarios that ran a line.
    fn by(&self, file: &str, line: u32) -> &[&'a str] {
        let lines = self.0.get(file).and_then(|it| it.get(&line));
        lines.map_or(&[], Vec::as_slice)
    }

    /// What is known of something that stands on these lines.
    fn thing(&self, kind: &str, name: String, file: &str, lines: &[u32]) -> Thing {
        let by: BTreeSet<&str> = lines
            .iter()
            .flat_map(|line| self.by(file, *line).iter().copied())
            .collect();
        let mut tally = Tally::default();
        for scenario in by {
            tally.add(&name, scenario);
        }
        tally.thing(kind, name)
    }
}

/// What is reached, by the lines that ran for each scenario.
fn aspects(has: &Emission, traced: &[(String, Lines)]) -> Vec<Aspect> {
    let ran = Ran::of(traced);
    let aspect = |name: &str, things: Vec<Thing>| Aspect {
        name: name.to_owned(),
        part: CoveragePart::Compiler,
        things,
    };
    let mut aspects = Vec::new();
    for (kind, name) in KINDS {
        let of_kind = has.sites.iter().filter(|it| it.kind == kind);
        let thing = |it: &EmissionSite| {
            let called = format!("{}:{} {}", it.file, it.line, it.function);
            Thing {
                text: Some(it.text.clone()),
                ..ran.thing(name, called, &it.file, &[it.at])
            }
        };
        aspects.push(aspect(name, of_kind.map(thing).collect()));
    }
    let function = |it: &CodeFunction| {
        let called = format!("{}:{} {}", it.file, it.line, it.name);
        ran.thing("functions", called, &it.file, &it.lines)
    };
    let functions = has.functions.iter().map(function).collect();
    aspects.push(aspect("functions", functions));
    let file = |it: &CodeFile| {
        let is_reached = |line: &&u32| !ran.by(&it.file, **line).is_empty();
        let reached = it.lines.iter().filter(is_reached).count();
        Thing {
            text: Some(format!("{reached} of {} lines", it.lines.len())),
            ..ran.thing("files", it.file.clone(), &it.file, &it.lines)
        }
    };
    let files = has.files.iter().filter(|it| !it.lines.is_empty());
    aspects.push(aspect("files", files.map(file).collect()));
    aspects
}
