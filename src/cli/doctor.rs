//! `vera-stress doctor`: what is found, what works, what is missing, how to get it.

use console::style;

use super::exit::Exit;
use super::{Context, interrupt, print};
use crate::campaign::Setting;
use crate::campaign::doctor::{Examination, LANES, LaneTrial, examine};
use crate::case::Problem;
use crate::config::FILE;
use crate::plan::seed_of_today;
use crate::record::{Sinks, count};
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::cache::size_of;
use crate::toolchain::compile::Stop;
use crate::toolchain::python::{self, OLDEST};
use crate::toolchain::{Choice, Spec, install};

pub fn run(context: &Context) -> Exit {
    print(format!(
        "vera-stress {} on {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    let mut checks = vec![pythons(), uv(), cache(context)];
    let catalogue = context.load(&context.directories());
    // What is found without running anything is shown first.
    for check in &checks {
        print(check.shown());
    }
    let shown = checks.len();
    checks.extend(veras(context, &catalogue));
    checks.push(configuration(context));
    checks.push(scenarios(&catalogue));
    for check in &checks[shown..] {
        print(check.shown());
    }
    let is_ill = |check: &Check| matches!(check.state, PartState::Missing | PartState::Broken);
    if checks.iter().any(is_ill) {
        Exit::Toolchain
    } else {
        Exit::Success
    }
}

#[derive(Clone, Copy, PartialEq)]
enum PartState {
    /// As it should be.
    Good,
    /// Not there, and not needed.
    Absent,
    /// Needed, and not there.
    Missing,
    /// There, and does not work.
    Broken,
}

struct Check {
    state: PartState,
    what: String,
    found: String,
    next: Option<String>,
}

impl Check {
    fn good(what: impl Into<String>, found: impl Into<String>) -> Check {
        Check {
            state: PartState::Good,
            what: what.into(),
            found: found.into(),
            next: None,
        }
    }

    fn other(
        state: PartState,
        what: impl Into<String>,
        found: impl Into<String>,
        next: &str,
    ) -> Check {
        Check {
            state,
            what: what.into(),
            found: found.into(),
            next: Some(next.to_owned()),
        }
    }

    fn shown(&self) -> String {
        let mark = match self.state {
            PartState::Good => style("ok     ").green(),
            PartState::Absent => style("-      ").dim(),
            PartState::Missing => style("MISSING").red().bold(),
            PartState::Broken => style("BROKEN ").red().bold(),
        };
        let next = self
            .next
            .as_ref()
            .map(|next| format!("\n                      {next}"))
            .unwrap_or_default();
        format!("{mark} {:13} {}{next}", self.what, self.found)
    }
}

fn pythons() -> Check {
    let found: Vec<python::Python> = python::all().collect();
    let list = |new: bool| -> Vec<String> {
        let matching = found.iter().filter(|it| (it.version >= OLDEST) == new);
        matching
            .map(|it| format!("{}.{} ({})", it.version.0, it.version.1, it.path.display()))
            .collect()
    };
    let (new, old) = (list(true), list(false));
    if !new.is_empty() {
        return Check::good("Python", new.join(", "));
    }
    let found = if old.is_empty() {
        "none on the PATH".to_owned()
    } else {
        format!("only {}", old.join(", "))
    };
    let state = match python::on_path("uv") {
        Some(_) => PartState::Absent,
        None => PartState::Missing,
    };
    let next = "Vera needs 3.11 or later: apt install python3, brew install python, or install uv";
    Check::other(state, "Python", found, next)
}

fn uv() -> Check {
    match python::on_path("uv") {
        Some(path) => Check::good("uv", path.display().to_string()),
        None => Check::other(
            PartState::Absent,
            "uv",
            "not on the PATH",
            "releases are installed with venv and pip; uv does it faster: pip install uv",
        ),
    }
}

fn cache(context: &Context) -> Check {
    let root = context.cache.root();
    let found = format!(
        "{}: {} of compiled modules, {} of installed releases",
        root.display(),
        size_of(&context.cache.modules()),
        size_of(&context.cache.toolchains())
    );
    let writable = std::fs::create_dir_all(root).and_then(|()| tempfile::tempfile_in(root));
    match writable {
        Ok(_) => Check::good("cache", found),
        Err(why) => Check::other(
            PartState::Missing,
            "cache",
            format!("{found}; not writable: {why}"),
            "fix its permissions, or name another one with --cache-dir DIR",
        ),
    }
}

/// The Vera that a run would take, and all releases that are installed: each has to
/// compile and run a program on each engine before it is called good.
fn veras(context: &Context, catalogue: &Catalogue) -> Vec<Check> {
    let installed = install::installed(&context.cache);
    let mut tried: Vec<Choice> = installed
        .iter()
        .map(|name| Choice::from(Spec::Release(name.clone())))
        .collect();
    let choice = context.choice();
    if let Ok(choice) = &choice
        && matches!(choice.spec, Spec::Directory(_) | Spec::Interpreter(_))
    {
        tried.push(choice.clone());
    }
    let (interrupt, sinks) = (interrupt(), Sinks::none());
    let setting = Setting {
        // What the others say is to come here.
        advise: Stop::problem,
        ..context.setting(catalogue, seed_of_today(), None, (&interrupt, &sinks))
    };
    let found = examine(&tried, &setting);
    let mut checks: Vec<Check> = tried
        .iter()
        .zip(found)
        .map(|(it, found)| vera(it, found))
        .collect();
    if installed.is_empty() {
        checks.push(Check::other(
            PartState::Absent,
            "releases",
            "none installed",
            "the first run installs the one that it needs",
        ));
    }
    match choice {
        Err(why) => checks.push(unusable(PartState::Missing, "--vera", &why)),
        Ok(choice) => {
            let why = choice.why.words();
            let later = match &choice.spec {
                Spec::Release(release) if installed.contains(release) => "",
                Spec::Release(_) => ", to be installed on first use",
                Spec::Latest => ", asked for at each run",
                // It is the last that was tried.
                Spec::Directory(_) | Spec::Interpreter(_) => return checks,
            };
            let name = format!("Vera {choice}");
            let state = checks.iter().find(|it| it.what == name).map(|it| it.state);
            checks.push(Check {
                state: state.unwrap_or(PartState::Good),
                ..Check::good("--vera", format!("{choice} ({why}){later}"))
            });
        }
    }
    checks
}

/// What came of trying a Vera.
fn vera(choice: &Choice, found: Result<Examination, Problem>) -> Check {
    let (name, is_release) = match &choice.spec {
        Spec::Release(release) => (format!("Vera {release}"), true),
        _ => ("--vera".to_owned(), false),
    };
    let Examination { toolchain, lanes } = match found {
        Ok(examination) => examination,
        Err(why) => {
            let own = why.advice().filter(|_| !is_release).map(str::to_owned);
            let next = own.unwrap_or_else(|| again(choice));
            return unusable(PartState::Broken, name, &why.next(next));
        }
    };
    let about = match is_release {
        true => String::new(),
        false => format!(
            "Vera {} ({}, {}) with {}: ",
            toolchain.version,
            toolchain.spec,
            choice.why.words(),
            toolchain.python.display()
        ),
    };
    let failing = lanes.iter().find_map(|(lane, trial)| match trial {
        LaneTrial::Fails(why) => Some((lane, why)),
        LaneTrial::Works | LaneTrial::Unsupported(_) => None,
    });
    if let Some((lane, why)) = failing {
        let what = format!(
            "{about}lane {lane} does not run a program of ten lines: {}",
            why.what()
        );
        let advice = why.advice().map_or_else(|| again(choice), str::to_owned);
        return unusable(PartState::Broken, name, &Problem::new(what).next(advice));
    }
    let works = |it: &&(_, LaneTrial)| matches!(it.1, LaneTrial::Works);
    let working: Vec<String> = lanes
        .iter()
        .filter(works)
        .map(|it| it.0.to_string())
        .collect();
    let others = match working.len() < LANES.len() {
        true => "; the others need a later release",
        false => "",
    };
    let lanes = working.join(", ");
    Check::good(
        name,
        format!("{about}runs a program in lanes {lanes}{others}"),
    )
}

/// How to get one that does not work anew.
fn again(choice: &Choice) -> String {
    match choice.spec {
        Spec::Release(_) | Spec::Latest => {
            "`vera-stress cache clean --toolchains` removes what is installed, and the next run installs what it needs".to_owned()
        }
        Spec::Directory(_) | Spec::Interpreter(_) => {
            "name another Vera with --vera SPEC, or see what its own `vera run` says".to_owned()
        }
    }
}

fn unusable(state: PartState, what: impl Into<String>, why: &Problem) -> Check {
    let what = what.into();
    match why.advice() {
        Some(next) => Check::other(state, what, why.what(), next),
        None => Check {
            next: None,
            ..Check::other(state, what, why.what(), "")
        },
    }
}

fn configuration(context: &Context) -> Check {
    match &context.config.path {
        Some(path) => Check::good("configuration", path.display().to_string()),
        None => Check::other(
            PartState::Absent,
            "configuration",
            format!("no {FILE} here or above"),
            "not needed; it holds profiles and defaults of a project",
        ),
    }
}

fn scenarios(catalogue: &Catalogue) -> Check {
    let found = count(catalogue.scenarios.len(), "scenario");
    match catalogue.errors.first() {
        None => Check::good("catalogue", found),
        Some(error) => Check::other(
            PartState::Missing,
            "catalogue",
            format!(
                "{found}, and {}",
                count(catalogue.errors.len(), "broken folder")
            ),
            &error.to_string(),
        ),
    }
}
