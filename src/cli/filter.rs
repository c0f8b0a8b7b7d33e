//! Which scenarios a command is about: the one place that reads names, patterns
//! and paths of scenarios.

use std::path::{Path, PathBuf};

use clap::Args;

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::program::ProgramArgs;
use super::{Context, suggest};
use crate::case::{Case, Problem};
use crate::plan::{Name, ScaleChoice, Selection, no_scenario, plan};
use crate::record::history::RunKind;
use crate::record::history::read::Past;
use crate::record::{Unloaded, count};
use crate::report::terminal::note;
use crate::scenario::Scenario;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::disk::holds_described;
use crate::scenario::load::SCENARIO_FILE;
use crate::scenario::stand_in::{Found, Given, programs_below, stand_in};

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Scenarios, by name or pattern (`array-*`), cases as they are shown
    /// (`life[native]`, `life [native] n=100`), or the folders of scenarios
    /// [default: all]
    #[arg(value_name = "NAME|GLOB|PATH", value_parser = suggest::names(), hide_possible_values = true)]
    names: Vec<String>,
    /// Leave these out: scenarios or cases, by name or pattern
    #[arg(long, value_name = "NAME|GLOB", value_parser = suggest::names(), hide_possible_values = true)]
    exclude: Vec<String>,
    /// Only what failed when it was last run: the cases of runs as they were; for
    /// `climb`, the climbs
    #[arg(long)]
    pub last_failed: bool,
    /// Only scenarios of this axis
    #[arg(long, value_name = "AXIS", value_parser = suggest::axes(), hide_possible_values = true)]
    axis: Vec<String>,
    /// Only scenarios that guard this issue (570) or class of bugs (shadow-stack)
    #[arg(long, value_name = "GUARD")]
    guard: Vec<String>,
    /// Only scenarios with this tag, such as `seed` for a first look at a Vera
    #[arg(long, value_name = "TAG", value_parser = suggest::tags(), hide_possible_values = true)]
    tag: Vec<String>,
}

/// Of the scenarios that a word means, so many are named.
const SHOWN: usize = 10;

/// What a command is about.
pub struct Chosen {
    /// The scenarios, of which some are meant.
    pub catalogue: Catalogue,
    /// Those that are, as users run them and at their own scale.
    pub selection: Selection,
    /// Whether nothing is left of what was asked for by name, since none of it
    /// could be loaded. That must not become all there is.
    pub nothing: bool,
}

impl Filter {
    /// The scenarios, and which of them are meant. What could not be loaded has
    /// been said. `kind` is what the command records.
    pub fn choose(&self, context: &Context, kind: RunKind) -> Result<Chosen, Stopped> {
        self.choose_given(context, kind, &ProgramArgs::default())
    }

    /// The same, where programs by path are given this.
    pub fn choose_given(
        &self,
        context: &Context,
        kind: RunKind,
        program: &ProgramArgs,
    ) -> Result<Chosen, Stopped> {
        let words = joined(&self.names);
        let words: Vec<Word> = words
            .iter()
            .map(|it| Word::of(it))
            .collect::<Result<_, _>>()?;
        let (catalogue, asked) = found(context, &words, program)?;
        if self.last_failed {
            let is_meant = |it: &&Scenario| asked.iter().any(|name| name.is_of(&it.name));
            let mut meant = catalogue.scenarios.iter().filter(is_meant);
            if let Some(program) = meant.find(|it| it.stand_in.is_some()) {
                return Err(Stopped::usage(program_alone(&program.name)));
            }
        }
        let excluded = joined(&self.exclude);
        let excluded: Result<Vec<Name>, Problem> = excluded.iter().map(|it| it.parse()).collect();
        let only = match self.last_failed {
            true => Some(last_failed(context, &catalogue, kind)?),
            false => None,
        };
        let named = |it: &PathBuf| context.catalogues.contains(it);
        let nothing = match words.is_empty() {
            true => catalogue.unusable.iter().any(named),
            false => asked.is_empty(),
        };
        Ok(Chosen {
            selection: Selection {
                names: asked,
                excluded: excluded?,
                axes: self.axis.clone(),
                guards: self.guard.clone(),
                tags: self.tag.clone(),
                only,
                ..Selection::default()
            },
            catalogue,
            nothing,
        })
    }

    /// The first word that stands for a scenario.
    pub fn first(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }
}

impl Chosen {
    /// The cases of a selection made of this one.
    pub fn cases(&self, selection: &Selection) -> Result<Vec<Case>, Stopped> {
        match self.nothing {
            true => Ok(Vec::new()),
            false => plan(&self.catalogue.scenarios, selection)
                .map_err(|why| Stopped::no_case(&self.catalogue, why)),
        }
    }

    /// That a scale somebody names is one at which the programs that are meant can
    /// run: one may take none, and one be given another as its argument.
    pub fn take(&self, scale: Option<ScaleChoice>) -> Result<(), Stopped> {
        let Some(scale) = scale else { return Ok(()) };
        let meant = self.scenarios()?;
        let other = |it: &&&Scenario| it.given_scale().is_some_and(|n| scale.over(n) != n);
        if let Some(it) = meant.iter().find(other) {
            let why = Problem::new(format!(
                "--arg gives {} the n {}, and --scale names another",
                it.name, it.n
            ));
            return Err(Stopped::usage(why.next("leave one of the two out")));
        }
        let is_other = |it: &&Scenario| !it.takes_scale() && scale.over(it.n) != it.n;
        match meant.first() {
            Some(first) if meant.iter().all(is_other) => Err(Stopped::usage(
                no_scale(&first.name).next("leave --scale out"),
            )),
            _ => Ok(()),
        }
    }

    /// The scenarios of which there is one at each n. Where that are none of those
    /// that are meant, there is nothing to climb.
    pub fn climbable(&self) -> Result<Vec<&Scenario>, Stopped> {
        let (scaled, others): (Vec<&Scenario>, Vec<&Scenario>) =
            (self.scenarios()?.into_iter()).partition(|it| it.takes_scale());
        match (others.first(), scaled.as_slice()) {
            (Some(first), []) => Err(Stopped::usage(
                no_scale(&first.name)
                    .next("write a `main` that takes one @Nat, and give it no --arg, or use `run`"),
            )),
            (Some(_), _) => {
                let many = count(others.len(), "program");
                note(&format!("{many} left out, of which `main` takes no n"));
                Ok(scaled)
            }
            (None, _) => Ok(scaled),
        }
    }

    /// The scenarios that are meant.
    pub fn scenarios(&self) -> Result<Vec<&Scenario>, Stopped> {
        self.held_by(&self.selection)
    }

    /// Those that a selection made of this one means.
    pub fn held_by(&self, selection: &Selection) -> Result<Vec<&Scenario>, Stopped> {
        if self.nothing {
            return Ok(Vec::new());
        }
        self.cases(selection)?;
        let all = self.catalogue.scenarios.iter();
        Ok(all.filter(|it| selection.holds(it)).collect())
    }
}

fn no_scale(name: &str) -> Problem {
    Problem::new(format!(
        "the `main` of {name} is called with the same at every n"
    ))
}

/// The one scenario that a command is about which takes one.
pub struct One {
    /// All scenarios.
    pub catalogue: Catalogue,
    /// Its name, with the lane and the scale that stood behind it.
    pub name: Name,
}

impl One {
    /// The scenario that was typed so.
    pub fn of(context: &Context, typed: &str, program: &ProgramArgs) -> Result<One, Stopped> {
        let (catalogue, names) = found(context, &[Word::of(typed)?], program)?;
        let all = || catalogue.scenarios.iter();
        let meant: Vec<&str> = all()
            .map(|it| it.name.as_str())
            .filter(|it| names.iter().any(|name| name.is_of(it)))
            .collect();
        if let ([only], Some(name)) = (meant.as_slice(), names.first()) {
            let name = Name {
                scenario: (*only).to_owned(),
                ..name.clone()
            };
            return Ok(One { catalogue, name });
        }
        Err(match (meant.as_slice(), names.as_slice()) {
            ([], []) => Stopped::not_loaded(&catalogue.errors),
            ([], [name, ..]) => {
                Stopped::no_case(&catalogue, no_scenario(name, &catalogue.scenarios))
            }
            (several, _) => {
                let why = format!("`{typed}` means several scenarios, and this command takes one");
                let shown = &several[..several.len().min(SHOWN)];
                let more = match several.len() - shown.len() {
                    0 => String::new(),
                    more => format!(", or another of {more}"),
                };
                let next = format!("name one of: {}{more}", shown.join(", "));
                Stopped::usage(Problem::new(why).next(next))
            }
        })
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        let found = self.catalogue.get(&self.name.scenario);
        found.expect("it was found in this catalogue")
    }
}

/// What stands on the command line for scenarios.
enum Word {
    /// A name.
    Name(Name),
    /// A path to the folder of a scenario, or to a folder of such folders; of what
    /// is there, these cases.
    Path(PathBuf, Name),
    /// A path to a program, or to a folder of programs; of what is there, these cases.
    Programs(PathBuf, Name),
}

impl Word {
    fn of(text: &str) -> Result<Word, Problem> {
        let (path, lane) = match text.split_once('[') {
            Some((path, _)) if !Path::new(text).exists() => (path.trim_end(), &text[path.len()..]),
            _ => (text, ""),
        };
        if !looks_like_path(path) {
            return text.parse().map(Word::Name);
        }
        let cases: Name = format!("*{lane}").parse()?;
        let path = PathBuf::from(path);
        if path.is_dir() {
            return Ok(match holds_described(&path) {
                true => Word::Path(path, cases),
                false => Word::Programs(path, cases),
            });
        }
        let shown = path.display();
        if !path.exists() {
            let why = Problem::new(format!("there is no file or folder `{shown}`"));
            return Err(why.next("name the folder of a scenario, or a scenario by its name"));
        }
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        match folder.join(SCENARIO_FILE).exists() {
            true => Ok(Word::Path(folder.to_owned(), cases)),
            false if path.extension().is_some_and(|it| it == "vera") => {
                Ok(Word::Programs(path, cases))
            }
            false => Err(Problem::new(format!("`{shown}` is no Vera file")).next(
                "name a file that ends in .vera, a folder of them, or a scenario by its name",
            )),
        }
    }
}

/// Whether a word can only be a path.
fn looks_like_path(word: &str) -> bool {
    word.contains('/') || [".", ".."].contains(&word) || word.ends_with(".vera")
}

/// Words that a shell has taken apart put together again: `life [native] n=100`
/// is one case.
fn joined(words: &[String]) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    for word in words {
        match whole.last_mut() {
            Some(before) if word.starts_with('[') || word.starts_with("n=") => {
                before.push(' ');
                before.push_str(word);
            }
            _ => whole.push(word.clone()),
        }
    }
    whole
}

/// The names of what was recorded, whether or not it is still in a catalogue: of a
/// path, that of the folder.
pub fn recorded(words: &[String]) -> Result<Vec<Name>, Problem> {
    let name = |word: &String| {
        Ok(match Word::of(word)? {
            Word::Name(name) => name,
            Word::Programs(path, cases) => Name {
                scenario: path.display().to_string(),
                ..cases
            },
            Word::Path(path, cases) => {
                let folder = path.canonicalize().unwrap_or(path);
                let called = folder.file_name().unwrap_or_default();
                Name {
                    scenario: called.to_string_lossy().into_owned(),
                    ..cases
                }
            }
        })
    };
    joined(words).iter().map(name).collect()
}

/// The catalogue with what paths name in it, and what all words mean there. A word
/// that means what could not be loaded means nothing.
fn found(
    context: &Context,
    words: &[Word],
    program: &ProgramArgs,
) -> Result<(Catalogue, Vec<Name>), Stopped> {
    let mut directories = context.directories();
    let paths = words.iter().filter_map(|it| match it {
        Word::Path(path, _) => Some(path),
        Word::Name(_) | Word::Programs(..) => None,
    });
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    for path in paths {
        if !directories
            .iter()
            .any(|it| real(path).starts_with(real(it)))
        {
            directories.push(path.clone());
        }
    }
    let mut catalogue = context.load(&directories);
    let is_program = |it: &Word| match it {
        Word::Programs(..) => true,
        Word::Name(name) => Path::new(&name.scenario).is_dir(),
        Word::Path(..) => false,
    };
    if !program.is_empty() && !words.iter().any(is_program) {
        let why = Problem::new(
            "what a program is given or must come to is said, and no program is named by its path",
        );
        let next = "name the .vera file; a scenario says all of that itself";
        return Err(Stopped::usage(why.next(next)));
    }
    let given = program.given()?;
    let errors: Vec<Unloaded> = catalogue.errors.iter().map(Unloaded::from).collect();
    for error in &errors {
        note(&error.to_string());
    }
    let mut asked = Vec::new();
    for word in words {
        match word {
            Word::Name(name) => {
                let is_there = catalogue.scenarios.iter().any(|it| name.is_of(&it.name));
                // A folder of programs, typed without a slash.
                let path = Path::new(&name.scenario);
                if !is_there && path.is_dir() && !holds_described(path) {
                    let programs = programs(path, &given)?;
                    asked.extend(named(catalogue.add_programs(programs), name));
                    continue;
                }
                if is_there || !errors.iter().any(|it| it.is_called(name)) {
                    asked.push(name.clone());
                }
            }
            Word::Programs(path, cases) => {
                let programs = programs(path, &given)?;
                asked.extend(named(catalogue.add_programs(programs), cases));
            }
            Word::Path(path, cases) => {
                let before = asked.len();
                asked.extend(catalogue.at(path).map(|it| Name {
                    scenario: it.name.clone(),
                    ..cases.clone()
                }));
                let at_fault = |it: &Unloaded| real(Path::new(&it.file)).starts_with(real(path));
                if asked.len() == before && !errors.iter().any(at_fault) {
                    let why = Problem::new(format!("there is no scenario in {}", path.display()));
                    let next = "name the folder of a scenario, which holds a scenario.toml";
                    return Err(Stopped::usage(why.next(next)));
                }
            }
        }
    }
    Ok((catalogue, asked))
}

/// The cases of programs, of each those that a name means.
fn named(programs: Vec<String>, cases: &Name) -> Vec<Name> {
    let name = |scenario: String| Name {
        scenario,
        ..cases.clone()
    };
    programs.into_iter().map(name).collect()
}

/// The programs that a path means. Of a folder, those that are none by themselves are
/// left out, and told in one line.
fn programs(path: &Path, given: &Given) -> Result<Vec<Scenario>, Stopped> {
    let name = |path: &Path| match path.to_str() {
        Some(name) => Ok(name.to_owned()),
        None => Err(
            Problem::new(format!("{} has no name in UTF-8", path.display()))
                .next("rename it: the name goes into reports"),
        ),
    };
    let one = |path: &Path| stand_in(path, &name(path)?, given);
    if !path.is_dir() {
        return Ok(vec![one(path)?]);
    }
    let Found { programs, problems } = programs_below(path)?;
    for problem in &problems {
        note(&problem.to_string());
    }
    let mut usable = Vec::new();
    let mut left_out = Vec::new();
    for program in &programs {
        match one(program) {
            Ok(it) => usable.push(it),
            Err(why) => left_out.push(why),
        }
    }
    if let Some(first) = left_out.first() {
        let many = count(left_out.len(), "file");
        note(&format!(
            "{many} of {} left out, the first since {}",
            count(programs.len(), "Vera file"),
            first.what()
        ));
    }
    if usable.is_empty() {
        let why = Problem::new(format!(
            "there is no scenario and no program in {}",
            path.display()
        ));
        let next = "name the folder of a scenario, which holds a scenario.toml, or a folder with Vera files";
        return Err(Stopped::usage(why.next(next)));
    }
    Ok(usable)
}

/// A program is run again with what it was given, which is not recorded.
fn program_alone(name: &str) -> Problem {
    Problem::new(format!(
        "{name} is a program, and --last-failed does not know what it was given or had to come to"
    ))
    .next("run it as its `again:` line says, which `vera-stress history` shows")
}

/// The cases, or climbs, that failed when they were last run.
fn last_failed(
    context: &Context,
    catalogue: &Catalogue,
    kind: RunKind,
) -> Result<Vec<Case>, Stopped> {
    let past = Past::of(context.recorded()?).map_err(|why| why.advised())?;
    let failed = past.last_failed(kind).map_err(|why| why.advised())?;
    let (there, gone): (Vec<Case>, Vec<Case>) =
        (failed.into_iter()).partition(|it| catalogue.get(&it.scenario).is_some());
    for case in &gone {
        let why = match looks_like_path(&case.scenario) {
            true => program_alone(&case.scenario),
            false => Problem::new(format!(
                "{case} failed, and there is no such scenario any more"
            )),
        };
        note(&why.to_string());
    }
    if there.is_empty() {
        let what = match kind {
            RunKind::Climb => "climb",
            RunKind::Run | RunKind::Compare | RunKind::Bisect => "case",
        };
        let why = Problem::new(format!("no {what} failed when it was last run"));
        let next = "leave --last-failed out to run all; `vera-stress history` lists the runs";
        return Err(Stopped::new(Exit::NoCase, why.next(next)));
    }
    Ok(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_takes_apart_is_one_case() {
        let whole = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|it| (*it).to_owned()).collect();
            joined(&words)
        };
        assert_eq!(
            whole(&["life", "[native]", "n=7", "other", "third[native]"]),
            ["life [native] n=7", "other", "third[native]"]
        );
        assert_eq!(whole(&["[native]"]), ["[native]"]);
    }
}
