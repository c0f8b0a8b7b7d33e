//! `vera-stress new NAME --axis A`: the folder of a new scenario.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::program::ProgramArgs;
use super::{Context, from, is_among, print, suggest};
use crate::case::Problem;
use crate::plan::likeness;
use crate::record::again::quoted;
use crate::report::terminal::note;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::load::SCENARIO_FILE;
use crate::scenario::new::{FILES, make};
use crate::scenario::own;

#[derive(Args, Debug)]
pub struct NewArgs {
    /// What to call it: lower-case letters, digits and hyphens, such as map-of-maps
    pub name: String,
    /// What grows with n, such as maps; the folder above
    #[arg(long, value_name = "AXIS", value_parser = suggest::axes(), hide_possible_values = true, required_unless_present = "bless")]
    axis: Option<String>,
    /// The catalogue to put it into [default: the first --catalogue, else that of
    /// vera-stress in its own checkout, else tests/stress]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The program to make it from: what all lanes agree on is what is expected then,
    /// unless what must come is said
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The number of the issue that it is to guard
    #[arg(long, value_name = "N", requires = "from")]
    pub issue: Option<u32>,
    /// Fill in what is expected of a scenario that says nothing of it yet, from what
    /// all lanes agree on
    #[arg(long, conflicts_with_all = ["from", "axis"])]
    bless: bool,
    #[command(flatten)]
    pub program: ProgramArgs,
}

pub fn run(args: &NewArgs, context: &Context) -> Result<Exit, Stopped> {
    if args.from.is_none() && !args.program.is_empty() {
        let why = "what a program is given or must come to is said, and no program is named";
        return Err(Problem::new(why).next("name it with --from FILE").into());
    }
    let Some(axis) = &args.axis else {
        return from::bless_folder(args, context);
    };
    let home = home(args, context);
    // What is broken in a catalogue is no matter here; names are.
    let mut directories = context.directories();
    if home.is_own() && home.root().is_dir() && !is_among(home.root(), &directories) {
        directories.push(home.root().to_owned());
    }
    let catalogue = Catalogue::load(&directories);
    let axes = Catalogue::built_in_axes();
    if !home.is_own() && !axes.contains(axis) && !home.root().join(axis).is_dir() {
        let why = Problem::new(format!("the built-in catalogue has no axis `{axis}`"));
        let next = near(axis, &axes);
        return Err(why
            .next(format!("{next}; for a new axis, make its folder first"))
            .into());
    }
    let made = match &args.from {
        None => make(home.root(), axis, &args.name, &catalogue).map_err(|why| why.advised())?,
        Some(file) => from::make(args, (home.root(), axis, file), &catalogue, context)?,
    };
    let own = catalogue.scenarios.iter().map(|it| it.axis.clone());
    let all: Vec<String> = own.chain(axes).collect();
    if !all.contains(axis) {
        note(&format!("`{axis}` is a new axis: {}", near(axis, &all)));
    }
    let told = match args.from {
        None => told_of_template(&made),
        Some(_) => format!(
            "{}: a scenario of that program; {SCENARIO_FILE} says what is left to write\n",
            made.display()
        ),
    };
    print(format!("{told}\n{}", next(&home, &args.name, context)));
    Ok(Exit::Success)
}

/// Where a new scenario goes.
enum Home {
    /// A catalogue of the user's.
    Own(PathBuf),
    /// The built-in catalogue, in a checkout of this project.
    BuiltIn(PathBuf),
}

impl Home {
    fn root(&self) -> &Path {
        match self {
            Home::Own(root) | Home::BuiltIn(root) => root,
        }
    }

    fn is_own(&self) -> bool {
        match self {
            Home::Own(_) => true,
            Home::BuiltIn(_) => false,
        }
    }
}

fn home(args: &NewArgs, context: &Context) -> Home {
    let named = args.dir.as_ref().or(context.catalogues.first());
    let named = named.or(context.found.as_ref());
    let root = match named {
        Some(root) => root.clone(),
        None => match own_checkout() {
            Some(root) => return Home::BuiltIn(root),
            None => PathBuf::from(own::FOLDER),
        },
    };
    Home::Own(root)
}

/// The built-in catalogue, where the working directory is in a checkout of this
/// project.
fn own_checkout() -> Option<PathBuf> {
    let is_ours = |folder: &&Path| {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let manifest = text.parse::<toml::Table>().unwrap_or_default();
        let package = manifest.get("package").and_then(|it| it.get("name"));
        package.and_then(toml::Value::as_str) == Some(env!("CARGO_PKG_NAME"))
    };
    let here = std::env::current_dir().ok()?;
    let checkout = here.ancestors().find(is_ours)?;
    let root = checkout.join("scenarios");
    let shown = root.strip_prefix(&here).unwrap_or(&root);
    root.is_dir().then(|| shown.to_owned())
}

/// The likeliest of these names.
fn near(name: &str, names: &[String]) -> String {
    let likeness = |other: &String| likeness(name, other);
    let mut close: Vec<&String> = names.iter().filter(|it| likeness(it) > 0.75).collect();
    close.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)).then(a.cmp(b)));
    close.dedup();
    match close.as_slice() {
        [] => {
            let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
            all.sort_unstable();
            all.dedup();
            format!("the axes are {}", all.join(", "))
        }
        [only] => format!("did you mean `{only}`?"),
        [first, second, ..] => format!("did you mean `{first}` or `{second}`?"),
    }
}

/// What was made where nothing but a name was given.
fn told_of_template(made: &Path) -> String {
    let head = format!("{}: a scenario that passes as it stands", made.display());
    let files = FILES
        .iter()
        .map(|(file, _, what)| format!("     {file:14} {what}"));
    let mut lines: Vec<String> = [head].into_iter().chain(files).collect();
    lines.push("Each file says what to write where.\n".to_owned());
    lines.join("\n")
}

/// The commands that come next.
fn next(home: &Home, name: &str, context: &Context) -> String {
    let mut lines: Vec<String> = Vec::new();
    let found: Vec<PathBuf> = own::above(&context.here).into_iter().collect();
    let configured =
        is_among(home.root(), &context.config.catalogues) || is_among(home.root(), &found);
    let (command, catalogue) = match home {
        Home::BuiltIn(_) => ("cargo run --release --", String::new()),
        Home::Own(_) if configured => ("vera-stress", String::new()),
        Home::Own(root) => (
            "vera-stress",
            format!(" --catalogue {}", quoted(&root.display().to_string())),
        ),
    };
    for (word, gap, what) in [
        ("run", "  ", "judge it"),
        ("show", " ", "read it as others will"),
        ("climb", "", "see how far it goes"),
    ] {
        lines.push(format!(
            "     {command} {word} {name}{catalogue}{gap}  # {what}"
        ));
    }
    // The pytest plugin looks there.
    if !matches!(home, Home::BuiltIn(_)) && is_among(home.root(), &found) {
        lines.push(format!(
            "     pytest -m stress {}  # all of them, as tests",
            home.root().display()
        ));
    }
    lines.join("\n")
}
