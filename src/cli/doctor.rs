//! `vera-stress doctor`: what is found, what is missing, how to get it.

use console::style;

use super::exit::Exit;
use super::{Context, print};
use crate::config::FILE;
use crate::record::count;
use crate::toolchain::cache::size_of;
use crate::toolchain::python::{self, OLDEST};
use crate::toolchain::{Spec, install};

pub fn run(context: &Context) -> Exit {
    let checks = [
        pythons(),
        uv(),
        cache(context),
        toolchains(context),
        selected(context),
        configuration(context),
        scenarios(context),
    ];
    print(format!(
        "vera-stress {} on {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    for check in &checks {
        print(check.shown());
    }
    if checks.iter().any(|check| check.state == PartState::Missing) {
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
}

struct Check {
    state: PartState,
    what: &'static str,
    found: String,
    next: Option<String>,
}

impl Check {
    fn good(what: &'static str, found: impl Into<String>) -> Check {
        Check {
            state: PartState::Good,
            what,
            found: found.into(),
            next: None,
        }
    }

    fn other(state: PartState, what: &'static str, found: impl Into<String>, next: &str) -> Check {
        Check {
            state,
            what,
            found: found.into(),
            next: Some(next.to_owned()),
        }
    }

    fn shown(&self) -> String {
        let mark = match self.state {
            PartState::Good => style("ok     ").green(),
            PartState::Absent => style("-      ").dim(),
            PartState::Missing => style("MISSING").red().bold(),
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

fn toolchains(context: &Context) -> Check {
    let installed = install::installed(&context.cache);
    if installed.is_empty() {
        return Check::other(
            PartState::Absent,
            "releases",
            "none installed",
            "the first run installs the one that it needs",
        );
    }
    Check::good("releases", format!("Vera {}", installed.join(", ")))
}

fn selected(context: &Context) -> Check {
    match context.spec() {
        Err(why) => Check::other(
            PartState::Missing,
            "--vera",
            context.vera.clone(),
            &why.to_string(),
        ),
        Ok(Spec::Release(release)) => {
            let there = install::installed(&context.cache).contains(&release);
            let state = if there {
                "installed"
            } else {
                "to be installed on first use"
            };
            Check::good("--vera", format!("{release}, {state}"))
        }
        Ok(Spec::Latest) => Check::good("--vera", "latest, asked for at each run"),
        Ok(spec) => match crate::toolchain::Toolchain::set_up(&spec, &context.cache, &|_| {}) {
            Ok(toolchain) => Check::good(
                "--vera",
                format!(
                    "{} with {}",
                    toolchain.describe(),
                    toolchain.python.display()
                ),
            ),
            Err(why) => Check::other(
                PartState::Missing,
                "--vera",
                context.vera.clone(),
                &why.to_string(),
            ),
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

fn scenarios(context: &Context) -> Check {
    let catalogue = context.load(&context.directories());
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
