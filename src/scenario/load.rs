//! From a folder of files to a checked [`Scenario`].
//!
//! Loading is strict: whatever the format does not know is an error with its
//! file, its line, and what to write instead.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::format::File;
use super::script::{Expression, Script, ScriptError};
use super::{ClimbBudget, Input, Oracle, Program, Scenario, Source};
use crate::case::Sources;

/// The file that makes a folder a scenario.
pub const SCENARIO_FILE: &str = "scenario.toml";
const EXPECT_FILE: &str = "expect.rhai";
const INPUT_FILE: &str = "input.rhai";
/// The script that writes a program for each n.
pub const PROGRAM_FILE: &str = "program.rhai";

/// The files of one scenario folder, wherever they came from.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder's path, for messages.
    pub path: String,
    /// The name of the folder above.
    pub axis: String,
    /// The folder's own name.
    pub name: String,
    /// Text by file name, `/` between folders.
    pub files: BTreeMap<String, String>,
    /// The catalogue's common files, of which a scenario `uses` some.
    pub common: Arc<Common>,
}

/// The files that scenarios of a catalogue share.
#[derive(Debug, Default)]
pub struct Common {
    /// The path of their folder, for messages.
    pub path: String,
    /// Text by file name.
    pub files: BTreeMap<String, String>,
}

/// A scenario file that cannot be used: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file or folder.
    pub file: String,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write instead; empty where `what` says it already.
    pub instead: String,
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)?;
        if !self.instead.is_empty() {
            write!(f, "\n     next: {}", self.instead)?;
        }
        Ok(())
    }
}

impl From<ScriptError> for ScenarioError {
    fn from(error: ScriptError) -> ScenarioError {
        ScenarioError {
            file: error.file,
            line: error.line,
            what: error.message,
            instead: String::new(),
        }
    }
}

/// Checks a folder and gives the scenario that it holds.
pub fn load(folder: Folder) -> Result<Scenario, ScenarioError> {
    check_name(&folder)?;
    check_files(&folder)?;
    let place = folder.place(SCENARIO_FILE);
    let mut keys = parse(&folder, &place)?;
    let uses = std::mem::take(&mut keys.uses);
    let used = used(&folder, &uses, &place)?;
    let oracle = oracle(&folder, &used, &mut keys, &place)?;
    let input = input(&folder, &used, &mut keys)?;
    let program = program(&folder, &used)?;
    Ok(Scenario {
        budget: keys.budget(),
        lanes: keys.lanes(),
        title: keys.title,
        why: keys.why,
        n: keys.n,
        tags: keys.tags,
        guards: keys.guards,
        alone: keys.alone,
        growth: keys.expect.growth,
        climb: ClimbBudget {
            wall: keys.climb.budget,
            work: keys.climb.work,
        },
        known: keys.known,
        oracle,
        input,
        program,
        name: folder.name,
        axis: folder.axis,
        folder: folder.path,
    })
}

impl Folder {
    fn place(&self, file: &str) -> String {
        format!("{}/{file}", self.path)
    }

    fn error(&self, what: impl Into<String>, instead: impl Into<String>) -> ScenarioError {
        ScenarioError {
            file: self.path.clone(),
            line: None,
            what: what.into(),
            instead: instead.into(),
        }
    }
}

/// Whether a scenario, or an axis, may be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(plain)
}

fn check_name(folder: &Folder) -> Result<(), ScenarioError> {
    for (what, name) in [("scenario", &folder.name), ("axis", &folder.axis)] {
        if !is_name(name) {
            return Err(folder.error(
                format!("`{name}` cannot be the name of a{} {what}", if what == "axis" { "n" } else { "" }),
                "rename the folder to lower-case letters, digits and hyphens, such as array-map-int",
            ));
        }
    }
    Ok(())
}

fn check_files(folder: &Folder) -> Result<(), ScenarioError> {
    for name in folder.files.keys() {
        let known = [SCENARIO_FILE, EXPECT_FILE, INPUT_FILE, PROGRAM_FILE].contains(&name.as_str())
            || name.ends_with(".vera")
            || name.ends_with(".md");
        if !known {
            return Err(folder.error(
                format!("a scenario has no file `{name}`"),
                format!(
                    "it may hold {SCENARIO_FILE}, {}, {PROGRAM_FILE}, {EXPECT_FILE}, {INPUT_FILE}, more .vera modules and .md notes",
                    Sources::MAIN
                ),
            ));
        }
    }
    Ok(())
}

fn parse(folder: &Folder, place: &str) -> Result<File, ScenarioError> {
    let text = folder.files.get(SCENARIO_FILE).ok_or_else(|| {
        folder.error(
            format!("there is no {SCENARIO_FILE} in this folder"),
            "a catalogue holds folders axis/name/ with a scenario.toml and a main.vera each",
        )
    })?;
    toml::from_str(text).map_err(|error| {
        let message = error.message().to_owned();
        // A missing key is nowhere: the parser blames the whole table.
        let missing = message.starts_with("missing field");
        ScenarioError {
            file: place.to_owned(),
            line: error
                .span()
                .map(|span| line_of(text, span.start))
                .filter(|line| !missing || *line > 1),
            instead: instead(&message),
            what: message,
        }
    })
}

/// What to write where the TOML parser only says what is wrong.
fn instead(message: &str) -> String {
    let examples = [
        ("title", "write title = \"array_map over an Array<Int>\""),
        (
            "why",
            "write why = \"\"\"What broke once, and why the result would show it.\"\"\"",
        ),
        ("n", "write n = 1_000"),
        (
            "guards",
            "write a table [[guards]] with class and history, and issue where there is one",
        ),
        ("class", "write class = \"the kind of bug, in a few words\""),
        (
            "history",
            "write history = \"One sentence: what happened, and when.\"",
        ),
        (
            "stdin",
            "write stdin = \"an expression over n\"; for `fn stdin(n)` in input.rhai, take [input] out",
        ),
        ("vera", "write vera = \">=0.1.9\""),
        ("lanes", "write lanes = [\"*\"]"),
        ("from_n", "write from_n = 1_000"),
        ("verdict", "write verdict = \"trap\""),
        ("because", "write because = \"The cause, in one sentence.\""),
    ];
    if let Some(key) = message.strip_prefix("missing field `") {
        let key = key.trim_end_matches('`');
        if let Some((_, example)) = examples.iter().find(|(name, _)| *name == key) {
            return (*example).to_owned();
        }
    }
    if message.starts_with("unknown field") {
        return "write one of those, or take the key out".to_owned();
    }
    String::new()
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text[..offset.min(text.len())].matches('\n').count()
}

/// The common files that a scenario uses.
struct Used<'a> {
    /// Modules by file name.
    modules: BTreeMap<&'a str, &'a str>,
    /// Scripts with their places.
    scripts: Vec<(String, &'a str)>,
}

fn used<'a>(
    folder: &'a Folder,
    uses: &'a [String],
    place: &str,
) -> Result<Used<'a>, ScenarioError> {
    let common = &folder.common;
    let mut used = Used {
        modules: BTreeMap::new(),
        scripts: Vec::new(),
    };
    for name in uses {
        let error = |what, instead| ScenarioError {
            file: place.to_owned(),
            line: None,
            what,
            instead,
        };
        let text = common.files.get(name).ok_or_else(|| {
            let there: Vec<&str> = common.files.keys().map(String::as_str).collect();
            let there = match there[..] {
                [] => "it holds nothing".to_owned(),
                _ => format!("it holds {}", there.join(", ")),
            };
            error(
                format!("`uses` names `{name}`, which is not in {}", common.path),
                format!("name a file of that folder, which stands beside the axes; {there}"),
            )
        })?;
        if name.ends_with(".vera") {
            if folder.files.contains_key(name) {
                return Err(error(
                    format!("`uses` names `{name}`, and the folder has a file of that name"),
                    "rename one of the two".to_owned(),
                ));
            }
            used.modules.insert(name, text);
        } else if name.ends_with(".rhai") {
            used.scripts.push((format!("{}/{name}", common.path), text));
        } else {
            return Err(error(
                format!("`uses` names `{name}`, which is neither a module nor a script"),
                "name a .vera or a .rhai file".to_owned(),
            ));
        }
    }
    Ok(used)
}

fn script(folder: &Folder, used: &Used<'_>, file: &str) -> Result<Option<Script>, ScenarioError> {
    let text = folder.files.get(file);
    let script = text.map(|text| {
        let own = Script::parse(text, &folder.place(file))?;
        used.scripts
            .iter()
            .try_fold(own, |script, (place, text)| script.with(text, place))
    });
    Ok(script.transpose()?)
}

/// Where the text or value of a key comes from: its line in `scenario.toml`, or
/// the function of the same name in a script.
fn source(
    folder: &Folder,
    (table, name): (&str, &str),
    line: Option<Expression>,
    (file, script): (&str, Option<&Script>),
) -> Result<Option<Source>, ScenarioError> {
    let place = folder.place(SCENARIO_FILE);
    let parameters = script.and_then(|script| script.functions().get(name).copied());
    match (line, parameters) {
        (Some(_), Some(_)) => Err(ScenarioError {
            file: place,
            line: None,
            what: format!("`{table}.{name}` stands here, and `fn {name}(n)` in {file} too"),
            instead: "keep one of the two".to_owned(),
        }),
        (Some(line), None) => Ok(Some(Source::Line(line.in_file(&place)))),
        (None, Some(1)) => Ok(Some(Source::Function)),
        (None, Some(parameters)) => Err(ScenarioError {
            file: folder.place(file),
            line: None,
            what: format!("`fn {name}` takes {parameters} parameters"),
            instead: format!("write `fn {name}(n)`"),
        }),
        (None, None) => Ok(None),
    }
}

fn oracle(
    folder: &Folder,
    used: &Used<'_>,
    keys: &mut File,
    place: &str,
) -> Result<Oracle, ScenarioError> {
    let script = script(folder, used, EXPECT_FILE)?;
    let expect = &mut keys.expect;
    let from = |name, line| {
        let functions = (EXPECT_FILE, script.as_ref());
        source(folder, ("expect", name), line, functions)
    };
    let value = from("value", expect.value.take())?;
    let stdout = from("stdout", expect.stdout.take())?;
    let stderr = from("stderr", expect.stderr.take())?;
    if value.is_none() && stdout.is_none() && stderr.is_none() {
        return Err(ScenarioError {
            file: place.to_owned(),
            line: None,
            what: "nothing is expected, so nothing could fail".to_owned(),
            instead: format!(
                "write [expect] with value = \"n * (n + 1) / 2\" or stdout = \"...\", or `fn value(n)` or `fn stdout(n)` in {EXPECT_FILE}"
            ),
        });
    }
    // A script without any of the functions would be a file that nobody asks.
    let asked = [&value, &stdout, &stderr];
    if script.is_some() && !asked.iter().any(|it| matches!(it, Some(Source::Function))) {
        return Err(ScenarioError {
            file: folder.place(EXPECT_FILE),
            line: None,
            what: "there is no `fn value(n)`, `fn stdout(n)` or `fn stderr(n)`".to_owned(),
            instead: "write the one that gives what is expected, or take the file out".to_owned(),
        });
    }
    Ok(Oracle {
        value,
        stdout,
        stderr,
        script,
    })
}

fn input(folder: &Folder, used: &Used<'_>, keys: &mut File) -> Result<Input, ScenarioError> {
    let script = script(folder, used, INPUT_FILE)?;
    let line = keys.input.take().map(|input| input.stdin);
    let stdin = source(
        folder,
        ("input", "stdin"),
        line,
        (INPUT_FILE, script.as_ref()),
    )?;
    // A script without the function would be a file that nobody asks.
    if script.is_some() && !matches!(stdin, Some(Source::Function)) {
        return Err(ScenarioError {
            file: folder.place(INPUT_FILE),
            line: None,
            what: "there is no `fn stdin(n)`".to_owned(),
            instead: "write `fn stdin(n) { ... }` that gives the text on standard input, or take the file out".to_owned(),
        });
    }
    Ok(Input { stdin, script })
}

fn program(folder: &Folder, used: &Used<'_>) -> Result<Program, ScenarioError> {
    let mut sources: BTreeMap<String, String> = folder
        .files
        .iter()
        .filter(|(name, _)| name.ends_with(".vera"))
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    let main = sources.contains_key(Sources::MAIN);
    let script = script(folder, used, PROGRAM_FILE)?;
    match script {
        Some(_) if !used.modules.is_empty() => Err(folder.error(
            format!("`uses` names a module, and there is a {PROGRAM_FILE}"),
            format!("have {PROGRAM_FILE} give all modules of the program"),
        )),
        Some(_) if !sources.is_empty() => Err(folder.error(
            format!("there are .vera files and a {PROGRAM_FILE}"),
            format!("keep {} for a program that is the same at every n, or {PROGRAM_FILE} for one that grows with n", Sources::MAIN),
        )),
        Some(script) => {
            if script.functions().get("program") != Some(&1) {
                return Err(ScenarioError {
                    file: folder.place(PROGRAM_FILE),
                    line: None,
                    what: "there is no `fn program(n)`".to_owned(),
                    instead: "write `fn program(n) { ... }` that gives the source, or a map of file name to source".to_owned(),
                });
            }
            Ok(Program::Generated(script))
        }
        None if main => {
            let modules = used.modules.iter();
            sources.extend(modules.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
            Ok(Program::Fixed(Sources(sources)))
        }
        None => Err(folder.error(
            "there is no program",
            format!("write {} with `public fn main(@Nat -> @Int)`, or {PROGRAM_FILE} with `fn program(n)`", Sources::MAIN),
        )),
    }
}

/// Whether `name` can be written below a folder without leaving it.
pub(super) fn check_source_name(name: &str) -> Result<(), String> {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    if name.ends_with(".vera") && name.split('/').all(plain) {
        Ok(())
    } else {
        Err(format!(
            "`{name}` is no name for a source file; write one like `main.vera` or `text/tools.vera`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title = \"t\"\nwhy = \"w\"\nn = 10\n\n[[guards]]\nissue = 570\nclass = \"c\"\nhistory = \"h\"\n\n[expect]\nvalue = \"n\"\n";

    fn folder(toml: &str, more: &[(&str, &str)]) -> Folder {
        let mut files = BTreeMap::from([
            (SCENARIO_FILE.to_owned(), toml.to_owned()),
            (Sources::MAIN.to_owned(), "main".to_owned()),
        ]);
        files.extend(
            more.iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
        );
        Folder {
            path: "c/axis/name".to_owned(),
            axis: "axis".to_owned(),
            name: "name".to_owned(),
            files,
            common: Arc::default(),
        }
    }

    fn error(toml: &str) -> String {
        load(folder(toml, &[])).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_good_file_loads_with_its_defaults() {
        let scenario = load(folder(GOOD, &[])).unwrap();
        assert_eq!(scenario.n.get(), 10);
        assert_eq!(scenario.budget, crate::case::Budget::default());
        assert!(!scenario.alone);
        assert_eq!(super::super::guards_line(&scenario.guards), "#570 c");
    }

    #[test]
    fn every_key_is_understood() {
        let text = format!(
            "alone = true\n{GOOD}growth = {{ work = 1.0, heap = 0.5 }}\n[budget]\nwall = \"2m\"\nmemory = \"1GiB\"\noutput = \"1MiB\"\nwork = \"5_000_000\"\n[lanes.\"native+random\"]\nn = 3\n[lanes.\"native+random=7\"]\nbudget = {{ work = 9 }}\n[lanes.\"reference+eager\"]\nn = 4\nbudget = {{ wall = \"20s\" }}\n[[known]]\nvera = \">=0.1.9\"\nlanes = [\"reference*\", \"native+random*\", \"native+every=16\"]\nfrom_n = 40\nverdict = \"trap\"\nbecause = \"b\"\n"
        );
        let scenario = load(folder(&text, &[])).unwrap();
        let eager = Lane::REFERENCE_EAGER;
        assert_eq!(scenario.scale_in(eager).get(), 4);
        assert_eq!(scenario.budget_in(eager).wall.as_secs(), 20);
        assert_eq!(
            scenario.budget_in(eager).memory,
            crate::case::Bytes::mebi(1024)
        );
        assert_eq!(scenario.known.len(), 1);

        let lane = |text: &str| text.parse::<Lane>().unwrap();
        assert_eq!(scenario.scale_in(Lane::NATIVE).get(), 10);
        for seeded in ["native+random", "native+random=5", "native+random=7"] {
            assert_eq!(scenario.scale_in(lane(seeded)).get(), 3, "{seeded}");
        }
        let work = |text: &str| scenario.budget_in(lane(text)).work;
        assert_eq!(work("native+random=5"), Fuel(5_000_000));
        assert_eq!(work("native+random=7"), Fuel(9));
        let known = |text: &str| {
            let case = Case {
                scenario: String::new(),
                lane: lane(text),
                scale: Scale::new(40).unwrap(),
            };
            !scenario
                .known_limits(&case, &VeraVersion::new("0.2.5"))
                .is_empty()
        };
        assert!(known("native+random=5") && known("reference+eager") && known("native+every=16"));
        assert!(!known("native") && !known("native+every=17"));
    }

    #[test]
    fn what_is_said_of_native_lanes_covers_all_of_them() {
        for (pattern, covered, not) in [
            ("native*", "native+random=5", "reference"),
            ("native+random", "native+random=5", "native"),
            ("native+random=5", "native+random=5", "native+random=6"),
            ("*", "native+never", ""),
        ] {
            let text = format!(
                "{GOOD}[[known]]\nvera = \">=0.1.9\"\nlanes = [\"{pattern}\"]\nfrom_n = 1\nverdict = \"engines-differ\"\nbecause = \"b\"\n"
            );
            let scenario = load(folder(&text, &[])).unwrap();
            let known = |lane: Lane| {
                let case = Case {
                    scenario: String::new(),
                    lane,
                    scale: Scale::ONE,
                };
                !scenario
                    .known_limits(&case, &VeraVersion::new("0.2.5"))
                    .is_empty()
            };
            assert!(known(covered.parse().unwrap()), "{pattern}");
            assert!(not.parse().map_or(true, |lane| !known(lane)), "{pattern}");
        }
    }

    use crate::case::{Case, Fuel, Lane, Scale, VeraVersion};

    #[test]
    fn each_fault_names_its_file_line_and_remedy() {
        let cases = [
            (
                GOOD.replace("n = 10", "n = 0"),
                ":3",
                "write a number from 1 up",
            ),
            (
                GOOD.replace("n = 10", "n = -5"),
                ":3",
                "write a number from 1 up",
            ),
            (GOOD.replace("n = 10", "n = \"10\""), ":3", "invalid type"),
            (
                GOOD.replace("n = 10", "n = 10\nbugdet = 1"),
                ":4",
                "unknown field `bugdet`",
            ),
            (
                GOOD.replace("n = 10\n", ""),
                "scenario.toml:",
                "write n = 1_000",
            ),
            (
                GOOD.replace("\"n\"", "\"n +\""),
                ":11",
                "not a Rhai expression",
            ),
            (
                GOOD.replace("\"n\"", "\"m\""),
                ":11",
                "not a Rhai expression",
            ),
            (
                GOOD.replace("title = \"t\"", "title = \"\""),
                ":1",
                "this is empty",
            ),
            (
                GOOD.replace("title = \"t\"", "title = \"t"),
                ":1",
                "basic string",
            ),
            (
                format!("{GOOD}[budget]\nwall = \"10 parsecs\"\n"),
                ":13",
                "no duration",
            ),
            (
                format!("{GOOD}[budget]\nmemory = \"lots\"\n"),
                ":13",
                "no size",
            ),
            (
                format!("{GOOD}[budget]\nwork = 0\n"),
                ":13",
                "no amount of work above zero",
            ),
            (
                format!("{GOOD}[budget]\nwork = -1\n"),
                ":13",
                "no amount of work above zero",
            ),
            (
                format!("{GOOD}[budget]\nwork = 1e9\n"),
                ":13",
                "write a number of instructions",
            ),
            (
                format!("{GOOD}[budget]\nwork = \"lots\"\n"),
                ":13",
                "no amount of work above zero",
            ),
            (
                format!("{GOOD}[lanes.\"reference+never\"]\nn = 1\n"),
                ":12",
                "only the native engine has that mode",
            ),
            (
                format!("{GOOD}[[known]]\nlanes = [\"native+some*\"]\n"),
                ":13",
                "matches no lane",
            ),
            (
                format!("{GOOD}[lanes.turbo]\nn = 1\n"),
                ":12",
                "there is no lane `turbo`",
            ),
            (
                format!("{GOOD}[[known]]\nvera = \"0.2.5\"\n"),
                ":13",
                "would mean that release and later ones",
            ),
            (
                format!("{GOOD}[[known]]\nvera = \"new\"\n"),
                ":13",
                "no range of Vera releases",
            ),
            (
                format!("{GOOD}[[known]]\nlanes = [\"turbo\"]\n"),
                ":13",
                "matches no lane",
            ),
            (
                format!("{GOOD}[[known]]\nverdict = \"sad\"\n"),
                ":13",
                "unknown variant",
            ),
            (
                GOOD.replace("history = \"h\"\n", ""),
                "scenario.toml:5",
                "write history = ",
            ),
            (
                GOOD.replace("[expect]\nvalue = \"n\"\n", ""),
                "scenario.toml:",
                "nothing is expected",
            ),
            (
                format!("{GOOD}growth = {{ work = -1.0 }}\n"),
                ":12",
                "no exponent",
            ),
        ];
        for (text, place, remedy) in cases {
            let error = error(&text);
            assert!(error.contains(place), "no `{place}` in: {error}");
            assert!(error.contains(remedy), "no `{remedy}` in: {error}");
        }
    }

    #[test]
    fn a_folder_must_hold_one_program_and_only_known_files() {
        let mut none = folder(GOOD, &[]);
        none.files.remove(Sources::MAIN);
        assert!(load(none).unwrap_err().to_string().contains("no program"));
        let two = folder(GOOD, &[(PROGRAM_FILE, "fn program(n) { \"\" }")]);
        assert!(
            load(two)
                .unwrap_err()
                .to_string()
                .contains(".vera files and a program.rhai")
        );
        let stray = folder(GOOD, &[("expects.rhai", "")]);
        assert!(
            load(stray)
                .unwrap_err()
                .to_string()
                .contains("no file `expects.rhai`")
        );
    }

    #[test]
    fn an_observable_has_one_oracle() {
        let both = folder(GOOD, &[(EXPECT_FILE, "fn value(n) { n }")]);
        assert!(
            load(both)
                .unwrap_err()
                .to_string()
                .contains("keep one of the two")
        );
        let arity = folder(GOOD, &[(EXPECT_FILE, "fn stdout(n, m) { \"\" }")]);
        assert!(
            load(arity)
                .unwrap_err()
                .to_string()
                .contains("takes 2 parameters")
        );
        let broken = folder(GOOD, &[(EXPECT_FILE, "\nfn stdout(n) { ")]);
        assert!(
            load(broken)
                .unwrap_err()
                .to_string()
                .contains("expect.rhai:2")
        );
    }
}
