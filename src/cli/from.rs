//! A scenario made from a program, and what is expected of one filled in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::new::NewArgs;
use super::outputs::{self, Wanted};
use super::{Context, interrupt, print};
use crate::campaign::bless::bless;
use crate::case::{Lane, Problem, Scale};
use crate::config::Profile;
use crate::plan::seed_of_today;
use crate::record::again::quoted;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::load::{Common, FILES_FOLDER, Folder, SCENARIO_FILE, load};
use crate::scenario::new::{Expected, Origin, agreeing, blessed, files_of, make_of, place};
use crate::scenario::stand_in::stand_in;
use crate::scenario::{ExpectedEnd, Files, OtherEnd, Scenario};

/// Makes the folder of a scenario from a program, below a catalogue and an axis.
pub fn make(
    args: &NewArgs,
    (root, axis, file): (&Path, &str, &Path),
    catalogue: &Catalogue,
    context: &Context,
) -> Result<PathBuf, Stopped> {
    place(root, axis, &args.name, catalogue).map_err(|why| why.advised())?;
    let given = args.program.given()?;
    let shown = file.display().to_string();
    if !file.exists() {
        return Err(Problem::new(format!("there is no file `{shown}`"))
            .next("name a Vera file with --from")
            .into());
    }
    let mut program = stand_in(file, &shown, &given)?;
    let expected = match said(&program) {
        Some(expected) => expected,
        None => agreed(&program, &program.scales_in(Lane::REFERENCE), context)?,
    };
    // The scale is the largest at which something came.
    if let Expected::At(pins) = &expected
        && let Some((n, _)) = pins.last_key_value()
    {
        program.n = *n;
    }
    let origin = Origin {
        program: &program,
        issue: args.issue,
        expected: &expected,
    };
    let mut files = files_of(&origin)?;
    if let Some(folder) = &given.files {
        add_files(folder, FILES_FOLDER, &mut files)?;
    }
    let made = make_of(root, axis, &args.name, catalogue, &files);
    made.map_err(|why| Stopped::from(why.advised()))
}

/// What must come, where the command says it.
fn said(program: &Scenario) -> Option<Expected> {
    if let Some(OtherEnd {
        end: ExpectedEnd::Refused(code),
        ..
    }) = &program.oracle.otherwise
    {
        return Some(Expected::Refused(code.clone()));
    }
    let pins = &program.oracle.pins;
    (!pins.is_empty()).then(|| Expected::At(pins.clone()))
}

/// What all lanes agree on.
fn agreed(program: &Scenario, scales: &[Scale], context: &Context) -> Result<Expected, Stopped> {
    let choice = context.choice()?;
    let sinks = outputs::open(Wanted::default(), context.history(true))?;
    let toolchain = context.toolchain(&choice)?;
    let interrupt = interrupt();
    let none = Catalogue::default();
    let setting = context.setting(&none, seed_of_today(), None, (&interrupt, &sinks));
    let profile = Profile::built_in("default").expect("it is built in");
    bless(&setting, &toolchain, &profile, program, scales)
        .map_err(|why| Stopped::from(why.problem(setting.advise)))
}

/// Fills in what is expected of a scenario that says nothing of it.
pub fn bless_folder(args: &NewArgs, context: &Context) -> Result<Exit, Stopped> {
    let folder = folder_of(args, context)?;
    let file = folder.join(SCENARIO_FILE);
    let shown = file.display().to_string();
    let problem = |why: Problem| {
        Stopped::from(
            Problem::new(format!("{shown}: {}", why.what())).next(
                why.advice()
                    .unwrap_or("see docs/scenarios.md for what it may hold"),
            ),
        )
    };
    let text = crate::files::read_to_string(&file).map_err(|why| {
        Problem::new(format!("{shown} cannot be read: {why}"))
            .next("name a scenario by the path of its folder")
    })?;
    let agreeing = agreeing(&text).map_err(problem)?;
    let mut files = read(&folder)?;
    let given = folder.join(FILES_FOLDER);
    files.insert(SCENARIO_FILE.to_owned(), agreeing.clone());
    let scenario = load(Folder {
        path: folder.display().to_string(),
        axis: "axis".to_owned(),
        name: "scenario".to_owned(),
        files,
        given: given.is_dir().then_some(Files::Folder(given)),
        common: Common::default().into(),
    })
    .map_err(|why| problem(why.problem))?;
    let expected = agreed(&scenario, &[scenario.n], context)?;
    fs::write(&file, blessed(&agreeing, &expected)).map_err(|why| {
        Problem::new(format!("{shown} cannot be written: {why}")).next("make it writable")
    })?;
    print(format!(
        "{shown} says what must come now: look at it, since it is what this Vera does\n\n  vera-stress run {}",
        quoted(&folder.display().to_string())
    ));
    Ok(Exit::Success)
}

/// The folder of the scenario that is to be filled in: what is named, or the one of that
/// name.
fn folder_of(args: &NewArgs, context: &Context) -> Result<PathBuf, Stopped> {
    let typed = PathBuf::from(&args.name);
    if typed.join(SCENARIO_FILE).is_file() {
        return Ok(typed);
    }
    let named = args.dir.iter().cloned().chain(context.directories());
    let roots: Vec<PathBuf> = named.collect();
    let below = roots.iter().flat_map(|root| {
        let axes = fs::read_dir(root).into_iter().flatten().flatten();
        axes.map(|it| it.path().join(&args.name))
            .chain([root.join(&args.name)])
    });
    let found = below
        .into_iter()
        .find(|it| it.join(SCENARIO_FILE).is_file());
    found.ok_or_else(|| {
        Problem::new(format!("there is no folder of a scenario `{}`", args.name))
            .next("name its folder by a path")
            .into()
    })
}

/// The files of a folder, as a scenario has them.
fn read(folder: &Path) -> Result<BTreeMap<String, String>, Problem> {
    let mut bytes = Vec::new();
    add_files(folder, "", &mut bytes)?;
    // What the program is given may be no text, and is none of them.
    bytes.retain(|(name, _)| !Path::new(name).starts_with(FILES_FOLDER));
    let text = |(name, content): (String, Vec<u8>)| {
        let text = String::from_utf8(content);
        let text = text.map_err(|_| {
            Problem::new(format!(
                "{} is no text in UTF-8",
                folder.join(&name).display()
            ))
        })?;
        Ok((name, text))
    };
    bytes.into_iter().map(text).collect()
}

/// Adds the files of a folder, under a name in front.
fn add_files(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), Problem> {
    let unreadable = |path: &Path, why: &dyn std::fmt::Display| {
        Problem::new(format!("{} cannot be read: {why}", path.display()))
            .next("make it a readable file, or take it out of the folder")
    };
    for entry in fs::read_dir(folder).map_err(|why| unreadable(folder, &why))? {
        let entry = entry.map_err(|why| unreadable(folder, &why))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let key = match prefix {
            "" => name,
            prefix => format!("{prefix}/{name}"),
        };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => add_files(&path, &key, files)?,
            _ => {
                let content = crate::files::read(&path).map_err(|why| unreadable(&path, &why))?;
                files.push((key, content));
            }
        }
    }
    Ok(())
}
