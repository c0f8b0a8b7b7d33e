//! A new scenario: a folder that passes as it stands, and says what to write.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::call::Call;
use super::catalogue::Catalogue;
use super::definition::Scenario;
use super::expectation::Pin;
use super::format::pins;
use super::guard::Guard;
use super::names::{COMMON, EXPECT_FILE, SCENARIO_FILE, is_name};
use super::oracle::Source;
use super::program::Program;
use super::script;
use crate::case::{Problem, Scale, Sources, Value};

/// What the texts begin with that an author is to replace.
pub const TO_WRITE: &str = "WRITE:";

const PROGRAM: &str = include_str!("template/main.vera");

/// The files of a new scenario: name, text, and what it is for.
pub const FILES: [(&str, &str, &str); 3] = [
    (Sources::MAIN, PROGRAM, "the program"),
    (
        EXPECT_FILE,
        include_str!("template/expect.rhai"),
        "what it must return, from n alone",
    ),
    (
        SCENARIO_FILE,
        include_str!("template/scenario.toml"),
        "title, why, n, guards, budgets and growth",
    ),
];

/// Why a scenario could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A name that no folder of a catalogue may have.
    #[error("`{name}` cannot be the name of {what}")]
    Name {
        /// `a scenario` or `an axis`.
        what: &'static str,
        /// What was given.
        name: String,
        /// An example of one that it may have.
        such: &'static str,
    },
    /// The folder of what scenarios share.
    #[error(
        "`{COMMON}` holds what the scenarios of a catalogue share, and is no axis and no scenario"
    )]
    Common,
    /// The name is taken.
    #[error("there is a scenario `{name}` already, in {folder}")]
    Taken {
        /// The name.
        name: String,
        /// Where it is.
        folder: String,
    },
    /// The catalogue is a scenario itself.
    #[error("{} holds a {SCENARIO_FILE}, so it is a scenario and no catalogue", .0.display())]
    Inside(PathBuf),
    /// There is something at its place, which is not overwritten.
    #[error("{} exists already, and is left as it is", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{} cannot be written: {why}", path.display())]
    Unwritable {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// Writes the folder `axis/name` below `root`, and gives its path. Nothing that is
/// there is overwritten, and nothing half made is left.
pub fn make(
    root: &Path,
    axis: &str,
    name: &str,
    catalogue: &Catalogue,
) -> Result<PathBuf, NewError> {
    let files = FILES.map(|(file, text, _)| (file.to_owned(), text.to_owned().into_bytes()));
    let folder = place(root, axis, name, catalogue)?;
    write(&folder, &files)?;
    Ok(folder)
}

/// The same, of these files: their names, and what is in them.
pub fn make_of(
    root: &Path,
    axis: &str,
    name: &str,
    catalogue: &Catalogue,
    files: &[(String, Vec<u8>)],
) -> Result<PathBuf, NewError> {
    let folder = place(root, axis, name, catalogue)?;
    write(&folder, files)?;
    Ok(folder)
}

/// Where the folder `axis/name` below `root` is to be, if it may be made.
pub fn place(
    root: &Path,
    axis: &str,
    name: &str,
    catalogue: &Catalogue,
) -> Result<PathBuf, NewError> {
    for (what, name, such) in [
        ("a scenario", name, "map-of-maps"),
        ("an axis", axis, "maps"),
    ] {
        let starts = name.starts_with(|it: char| it.is_ascii_lowercase());
        if !is_name(name) || !starts || name.contains("--") || name.ends_with('-') {
            return Err(NewError::Name {
                what,
                name: name.to_owned(),
                such,
            });
        }
    }
    if axis == COMMON || name == COMMON {
        return Err(NewError::Common);
    }
    let folder = root.join(axis).join(name);
    if folder.symlink_metadata().is_ok() {
        return Err(NewError::Exists(folder));
    }
    if let Some(other) = catalogue.get(name) {
        return Err(NewError::Taken {
            name: name.to_owned(),
            folder: other.folder.clone(),
        });
    }
    for above in [root.to_owned(), root.join(axis)] {
        if above.join(SCENARIO_FILE).is_file() {
            return Err(NewError::Inside(above));
        }
    }
    Ok(folder)
}

/// Makes a folder with these files. Nothing half made is left.
fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), NewError> {
    let unwritable = |path: &Path, why| NewError::Unwritable {
        path: path.to_owned(),
        why,
    };
    let above = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(|why| unwritable(above, why))?;
    fs::create_dir(folder).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => NewError::Exists(folder.to_owned()),
        _ => unwritable(folder, why),
    })?;
    for (file, content) in files {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        let made = fs::create_dir_all(parent).and_then(|()| File::create_new(&path));
        if let Err(why) = made.and_then(|mut it| it.write_all(content)) {
            // This folder was made here, a moment ago.
            let _ = fs::remove_dir_all(folder);
            return Err(unwritable(&path, why));
        }
    }
    Ok(())
}

/// What a scenario is made from that a program stands for.
pub struct Origin<'a> {
    /// The program, with what it is given.
    pub program: &'a Scenario,
    /// The number of the issue that it is to guard.
    pub issue: Option<u32>,
    /// What must come of it.
    pub expected: &'a Expected,
}

/// What must come of a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// This, at these n.
    At(BTreeMap<Scale, Pin>),
    /// That Vera refuses it, with this code.
    Refused(String),
}

impl Expected {
    /// `[expect]` as it is written, where it can be.
    fn table(&self) -> String {
        match self {
            Expected::At(pins) => {
                let lines: Vec<String> = pins.iter().map(|(n, pin)| pins::line(*n, pin)).collect();
                format!(
                    "[expect]\n# All else, and all of it at other n: what every lane comes to.\nagree = true\n\n[expect.at]\n{}\n",
                    lines.join("\n")
                )
            }
            Expected::Refused(code) => {
                let code = pins::text(code);
                format!("[expect]\nrefused = {code}\n")
            }
        }
    }
}

/// The files of a scenario that is made from a program.
pub fn files_of(origin: &Origin<'_>) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let Origin {
        program,
        issue,
        expected,
    } = origin;
    let Program::Fixed(sources) = &program.program else {
        return Err(Problem::new("this program is another one at each n"));
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, text) in &sources.files {
        let name = match *name == sources.main {
            true => Sources::MAIN,
            false => name.as_str(),
        };
        if files.iter().any(|(it, _)| it == name) {
            return Err(Problem::new(format!(
                "{} imports a module `main`, and a scenario's program has that name",
                program.name
            ))
            .next("rename the module"));
        }
        files.push((name.to_owned(), text.clone().into_bytes()));
    }
    let literal = |text: &String| pins::text(&script::literal(text));
    let args = match &program.call {
        Call::Fixed(all) => Some(all.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Call::Nothing => Some(String::new()),
        Call::Scale | Call::Computed(_) => None,
    };
    let args = args.map_or(String::new(), |it| {
        format!("# What `main` is called with: expressions over n.\nargs  = [{it}]\n")
    });
    let issue = issue.map_or("# issue = 570".to_owned(), |it| format!("issue   = {it}"));
    let mut text = include_str!("template/from.toml")
        .replace("@N@", &program.n.to_string())
        .replace("@ARGS@\n", &format!("{args}\n"))
        .replace("@ISSUE@", &issue);
    if let Some(Source::Constant(Value::Text(stdin))) = &program.input.stdin {
        let stdin = pins::text(&script::literal(stdin));
        text.push_str(&format!("[input]\nstdin = {stdin}\n\n"));
    }
    if !program.surroundings.env.is_empty() {
        text.push_str("[env]\n");
        for (name, value) in &program.surroundings.env {
            let (name, value) = (
                toml::Value::String(name.clone()),
                toml::Value::String(value.clone()),
            );
            text.push_str(&format!("{name} = {value}\n"));
        }
        text.push('\n');
    }
    text.push_str(&expected.table());
    files.push((SCENARIO_FILE.to_owned(), text.into_bytes()));
    Ok(files)
}

/// The text of a scenario file in which nothing is expected yet, as the beginning of one
/// in which all lanes must agree; the error is of one that expects something.
pub fn agreeing(text: &str) -> Result<String, Problem> {
    let table: toml::Table = text
        .parse()
        .map_err(|why: toml::de::Error| Problem::new(why.message().to_owned()))?;
    match table.get("expect").and_then(toml::Value::as_table) {
        None => Ok(format!("{}\n\n[expect]\nagree = true\n", text.trim_end())),
        Some(written) if written.is_empty() => {
            let kept = text.lines().filter(|it| it.trim() != "[expect]");
            let kept: Vec<&str> = kept.collect();
            Ok(format!(
                "{}\n\n[expect]\nagree = true\n",
                kept.join("\n").trim_end()
            ))
        }
        Some(_) => Err(
            Problem::new("something is expected already, and is left as it is")
                .next("take [expect] out of the file to have it filled in"),
        ),
    }
}

/// The same text with what must come.
pub fn blessed(agreeing: &str, expected: &Expected) -> String {
    agreeing.replace("[expect]\nagree = true\n", &expected.table())
}

/// What to say of a scenario that nobody has finished writing.
pub fn unwritten(scenario: &Scenario) -> Option<Problem> {
    let left = left_to_write(scenario);
    (!left.is_empty()).then(|| {
        Problem::new(format!(
            "{} is not written yet: `vera-stress new` made its {}",
            scenario.name,
            left.join(", ")
        ))
        .next(format!("edit the files in {}", scenario.folder))
    })
}

/// What of a scenario is still the template's; empty for one that somebody wrote.
pub fn left_to_write(scenario: &Scenario) -> Vec<&'static str> {
    let open = |text: &str| text.trim_start().starts_with(TO_WRITE);
    let guard = |of: fn(&Guard) -> &str| scenario.guards.iter().any(|it| open(of(it)));
    let template = match &scenario.program {
        Program::Fixed(sources) => sources.main_text() == Some(PROGRAM),
        Program::Generated(_) => false,
    };
    [
        (open(&scenario.title), "title"),
        (open(&scenario.why), "why"),
        (guard(|it| &it.class), "class of a guard"),
        (guard(|it| &it.history), "history of a guard"),
        (template, "main.vera"),
    ]
    .into_iter()
    .filter_map(|(is_open, what)| is_open.then_some(what))
    .collect()
}
