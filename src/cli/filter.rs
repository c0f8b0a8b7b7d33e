//! Which scenarios a command is about: the one place that reads names, patterns
//! and paths of scenarios.

use std::path::{Path, PathBuf};

use clap::Args;

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::{Context, suggest};
use crate::case::{Case, Problem};
use crate::plan::{Name, Selection, no_scenario, plan};
use crate::record::Unloaded;
use crate::record::history::RunKind;
use crate::record::history::read::Past;
use crate::report::terminal::note;
use crate::scenario::Scenario;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::load::SCENARIO_FILE;

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
        let words = joined(&self.names);
        let words: Vec<Word> = words
            .iter()
            .map(|it| Word::of(it))
            .collect::<Result<_, _>>()?;
        let (catalogue, asked) = found(context, &words)?;
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

/// The one scenario that a command is about which takes one.
pub struct One {
    /// All scenarios.
    pub catalogue: Catalogue,
    /// Its name, with the lane and the scale that stood behind it.
    pub name: Name,
}

impl One {
    /// The scenario that was typed so.
    pub fn of(context: &Context, typed: &str) -> Result<One, Stopped> {
        let (catalogue, names) = found(context, &[Word::of(typed)?])?;
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
}

impl Word {
    fn of(text: &str) -> Result<Word, Problem> {
        let looks_like_one =
            |it: &str| it.contains('/') || [".", ".."].contains(&it) || it.ends_with(".vera");
        let (path, lane) = match text.split_once('[') {
            Some((path, _)) if !Path::new(text).exists() => (path.trim_end(), &text[path.len()..]),
            _ => (text, ""),
        };
        if !looks_like_one(path) {
            return text.parse().map(Word::Name);
        }
        let cases: Name = format!("*{lane}").parse()?;
        let path = PathBuf::from(path);
        if path.is_dir() {
            return Ok(Word::Path(path, cases));
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
            false => Err(Problem::new(format!(
                "`{shown}` is no scenario: no {SCENARIO_FILE} stands beside it"
            ))
            .next("`vera-stress new NAME --axis AXIS` makes the folder of one to put it into")),
        }
    }
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
fn found(context: &Context, words: &[Word]) -> Result<(Catalogue, Vec<Name>), Stopped> {
    let mut directories = context.directories();
    let paths = words.iter().filter_map(|it| match it {
        Word::Path(path, _) => Some(path),
        Word::Name(_) => None,
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
    let catalogue = context.load(&directories);
    let errors: Vec<Unloaded> = catalogue.errors.iter().map(Unloaded::from).collect();
    for error in &errors {
        note(&error.to_string());
    }
    let mut asked = Vec::new();
    for word in words {
        match word {
            Word::Name(name) => {
                let is_there = catalogue.scenarios.iter().any(|it| name.is_of(&it.name));
                if is_there || !errors.iter().any(|it| it.is_called(name)) {
                    asked.push(name.clone());
                }
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
        note(&format!(
            "{case} failed, and there is no such scenario any more"
        ));
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
