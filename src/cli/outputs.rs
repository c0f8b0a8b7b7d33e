//! Where what happens goes: the terminal, the history, and the files that were
//! asked for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use crate::case::Problem;
use crate::record::history::History;
use crate::record::{Conclusion, Recording, Sink, Sinks};
use crate::report::github::GitHub;
use crate::report::html::Page;
use crate::report::json::JsonLines;
use crate::report::junit::Junit;
use crate::report::terminal::{Terminal, note};

/// What was asked for beside the terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Every event as a line of JSON.
    pub json: Option<&'a Path>,
    /// The results as JUnit XML.
    pub junit: Option<&'a Path>,
    /// Everything as a page for a browser.
    pub html: Option<&'a Path>,
    /// Annotations and a summary in the formats that GitHub reads.
    pub github: bool,
}

/// The sinks of a use: the history, the terminal, and what was asked for, which is
/// opened before anything is run for it.
pub fn open(wanted: Wanted<'_>, history: History) -> Result<Sinks, Problem> {
    let views = all(wanted, true)?;
    Ok(Sinks::new(Some(Box::new(Recording::new(history))), views))
}

/// The sinks that show a recording: what was asked for, and where `on_screen` the
/// terminal.
pub fn views(wanted: Wanted<'_>, on_screen: bool) -> Result<Sinks, Problem> {
    Ok(Sinks::new(None, all(wanted, on_screen)?))
}

fn all(wanted: Wanted<'_>, on_screen: bool) -> Result<Vec<Box<dyn Sink>>, Problem> {
    let files = [wanted.json, wanted.junit, wanted.html];
    apart(&files.into_iter().flatten().collect::<Vec<_>>())?;
    let github = wanted.github.then(GitHub::ready).transpose()?;
    for path in [wanted.junit, wanted.html].into_iter().flatten() {
        File::create(path).map_err(|why| cannot(path, why))?;
    }
    let json = |path: &Path| JsonLines::create(path).map_err(|why| cannot(path, why));
    let json = wanted.json.map(json).transpose()?;
    let views: [Option<Box<dyn Sink>>; 5] = [
        on_screen.then(|| Box::new(Terminal::default()) as Box<dyn Sink>),
        json.map(|it| Box::new(it) as Box<dyn Sink>),
        wanted
            .junit
            .map(|it| Box::new(Junit::new(it)) as Box<dyn Sink>),
        github.map(|it| Box::new(it) as Box<dyn Sink>),
        wanted
            .html
            .map(|it| Box::new(Page::new(it)) as Box<dyn Sink>),
    ];
    Ok(views.into_iter().flatten().collect())
}

/// Closes the sinks, and gives the exit code after saying what could not be
/// written.
pub fn close(sinks: &Sinks, conclusion: Conclusion) -> Exit {
    let trouble = sinks.close();
    for problem in &trouble {
        note(&problem.to_string());
    }
    match Exit::from(conclusion) {
        Exit::Success if !trouble.is_empty() => Exit::Usage,
        exit => exit,
    }
}

/// Sees to it that each output is a file, and that none overwrites another. Devices take as much as they are
/// given.
fn apart(files: &[&Path]) -> Result<(), Problem> {
    let device = |file: &Path| file.metadata().is_ok_and(|it| !it.is_file());
    let place = |file: &Path| {
        let found = file.canonicalize();
        found.or_else(|_| std::path::absolute(file)).ok()
    };
    for (index, file) in files.iter().enumerate() {
        not_a_dash(file)?;
        let same = |other: &&Path| place(other) == place(file);
        if !device(file) && files[..index].iter().any(same) {
            return Err(Problem::new(format!(
                "{} is named for two outputs, and one would overwrite the other",
                file.display()
            ))
            .next("name a file for each"));
        }
    }
    Ok(())
}

/// Refuses `-`, which would be a file of that name.
pub fn not_a_dash(file: &Path) -> Result<(), Problem> {
    match file == Path::new("-") {
        true => Err(Problem::new(
            "`-` is no file, and standard output has what the terminal shows",
        )
        .next("name a file to write to")),
        false => Ok(()),
    }
}

/// A file that cannot be written.
pub fn cannot(path: &Path, why: io::Error) -> Problem {
    Problem::new(format!("{} cannot be written: {why}", path.display()))
        .next("name a file in an existing directory that you may write to")
        .because(why)
}

/// Nothing recorded is overwritten by what is made of it: `output` is none of
/// `inputs`. The error is the input that it is.
pub fn spares<'p>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<(), &'p Path> {
    let Ok(output) = output.canonicalize() else {
        return Ok(());
    };
    let same = |input: &&PathBuf| input.canonicalize().is_ok_and(|it| it == output);
    match inputs.into_iter().find(same) {
        None => Ok(()),
        Some(input) => Err(input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_output_overwrites_another() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["a.json", "a.html"].map(|name| folder.path().join(name));
        let wanted = |json, html| Wanted {
            json: Some(json),
            html: Some(html),
            ..Wanted::default()
        };
        let open = |json, html| open(wanted(json, html), History::off());
        assert!(open(&one, &other).is_ok());
        let again = folder.path().join("./a.json");
        let why = open(&one, &again).err();
        assert!(why.unwrap().what().contains("is named for two outputs"));
        let why = not_a_dash(Path::new("-")).err();
        assert!(why.unwrap().what().contains("`-` is no file"));
        assert!(!Path::new("-").exists());
        assert!(open(Path::new("/dev/null"), Path::new("/dev/null")).is_ok());
    }
}
