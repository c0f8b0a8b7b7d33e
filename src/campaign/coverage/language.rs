//! What of the language the scenarios are written with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::tally::Tally;
use super::{Coverage, Measured, Untold, scale_of};
use crate::campaign::bench::Bench;
use crate::case::{Problem, Sources};
use crate::record::coverage::{Aspect, CoveragePart};
use crate::scenario::Scenario;
use crate::toolchain::inventory::{Language, language};
use crate::toolchain::tree::{self, Read};
use crate::vera::census::{Census, Context, Form, Role, census, declared_types};

/// What one file is written with.
#[derive(Debug)]
struct FileUse {
    census: Census,
    kinds: BTreeSet<String>,
}

/// What a scenario is written with, file by file.
type Used = Result<Vec<Arc<FileUse>>, Untold>;

/// Files that were read, by their text: scenarios share modules.
type Texts = Mutex<BTreeMap<String, Arc<FileUse>>>;

impl Coverage<'_> {
    /// What `scenarios` reach of the language that this Vera has.
    pub(super) fn language(
        &self,
        bench: &Bench,
        scenarios: &[&Scenario],
    ) -> Result<Measured, Problem> {
        let has = language(bench.engines.workers(), self.setting.interrupt);
        let has = self.told(has)?;
        let texts = Texts::default();
        let used = self.each(scenarios, |scenario| {
            (scenario.name.clone(), self.used_by(bench, scenario, &texts))
        });
        let mut told = Vec::new();
        let mut untold = Vec::new();
        for (scenario, used) in used {
            match used {
                Ok(files) => told.push((scenario, files)),
                Err(why) => untold.push(why),
            }
        }
        Ok((aspects(&has, &told), untold))
    }

    fn used_by(&self, bench: &Bench, scenario: &Scenario, texts: &Texts) -> Used {
        let sources = scenario.program.sources(scale_of(scenario));
        let sources = sources.map_err(|why| Untold::of(scenario, why))?;
        let mut files = Vec::new();
        for (name, text) in &sources.files {
            let known = || texts.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(file) = known().get(text) {
                files.push(Arc::clone(file));
                continue;
            }
            let one = Sources {
                main: name.clone(),
                ..sources.clone()
            };
            let file = Arc::new(self.read(bench, scenario, &one)?);
            known().insert(text.clone(), Arc::clone(&file));
            files.push(file);
        }
        Ok(files)
    }

    fn read(
        &self,
        bench: &Bench,
        scenario: &Scenario,
        sources: &Sources,
    ) -> Result<FileUse, Untold> {
        let (workers, budget) = (bench.engines.workers(), scenario.budget);
        match tree::read(workers, sources, budget, self.setting.interrupt) {
            Ok(Ok(Read {
                program: Some(program),
                kinds,
                ..
            })) => Ok(FileUse {
                census: census(&program),
                kinds,
            }),
            Ok(Ok(Read { refused, .. })) => {
                let why = refused.into_iter().next().unwrap_or_default().1;
                let why = why.lines().next().unwrap_or_default().to_owned();
                Err(Untold::of(scenario, why))
            }
            Ok(Err(ending)) => Err(Untold::ended(scenario, &ending)),
            Err(stop) => Err(Untold::of(scenario, stop)),
        }
    }
}

/// What is reached, by what each scenario is written with.
fn aspects(has: &Language, used: &[(String, Vec<Arc<FileUse>>)]) -> Vec<Aspect> {
    let mut kinds = Tally::default();
    let mut builtins = Tally::default();
    let mut operations = Tally::default();
    let mut effects = Tally::default();
    let mut types = Tally::default();
    let mut places = Tally::default();
    for (scenario, files) in used {
        let declared: BTreeSet<&String> = files.iter().flat_map(|it| &it.census.declares).collect();
        for file in files {
            let census = &file.census;
            for kind in &file.kinds {
                kinds.add(kind, scenario);
            }
            for call in census.calls.iter().filter(|it| !declared.contains(it)) {
                builtins.add(call, scenario);
            }
            for name in performed(has, census, &declared) {
                operations.add(name, scenario);
            }
            for effect in &census.effects {
                effects.add(effect, scenario);
            }
            for (ty, role) in &census.types {
                types.add(format!("{ty} as {role}"), scenario);
            }
            for (context, form) in &census.places {
                places.add(format!("{form} in {context}"), scenario);
            }
        }
    }
    let language = CoveragePart::Language;
    let all_types = has.types.iter().map(String::as_str).chain(declared_types());
    let all_types = all_types.flat_map(|ty| Role::ALL.map(|role| format!("{ty} as {role}")));
    let pairs = Context::ALL.iter().flat_map(|context| {
        let forms = Form::ALL.iter().filter(|form| context.takes(**form));
        forms.map(move |form| format!("{form} in {context}"))
    });
    let operation = has.operations.iter().map(|it| it.named());
    vec![
        builtins.aspect(language, "builtins", has.builtins.clone()),
        operations.aspect(language, "operations", operation),
        effects.aspect(language, "effects", has.effects.clone()),
        kinds.aspect(language, "nodes", has.nodes.clone()),
        kinds.aspect(language, "patterns", has.patterns.clone()),
        kinds.aspect(language, "operators", has.operators.clone()),
        types.aspect(language, "types", all_types),
        places.aspect(language, "contexts", pairs),
    ]
}

/// The operations that a file performs: by the name of their effect, or by their own
/// name where the file names the effect, which an ability does not need.
fn performed(has: &Language, census: &Census, declared: &BTreeSet<&String>) -> Vec<String> {
    let performs = |it: &&crate::toolchain::inventory::Operation| {
        census.qualified.contains(&it.named())
            || census.calls.contains(&it.name)
                && !declared.contains(&it.name)
                && (it.ability || census.effects.contains(&it.effect))
    };
    let all = has.operations.iter().filter(performs);
    all.map(|it| it.named()).collect()
}
