//! Where what happens goes: the terminal, the history, and the files that were
//! asked for.

use std::path::Path;

use super::advice::Advise;
use super::detail::EVERYTHING;
use super::end::Stopped;
use super::exit::Exit;
use crate::case::Problem;
use crate::record::history::History;
use crate::record::{Conclusion, Recording, Sink, Sinks};
use crate::report::found::FoundCauses;
use crate::report::github::GitHub;
use crate::report::html::{self, Page};
use crate::report::json::{self, JsonLines};
use crate::report::junit::{self, Junit};
use crate::report::output::{OutputError, OutputFile};
use crate::report::reduced::{self, Reduced};
use crate::report::terminal::{Detail, Terminal, note};

/// What was asked for: how much the terminal shows, and what there is beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Every event as a line of JSON.
    pub json: Option<&'a Path>,
    /// The results as JUnit XML.
    pub junit: Option<&'a Path>,
    /// Everything as a page for a browser.
    pub html: Option<&'a Path>,
    /// The smallest program of a reduction.
    pub reduced: Option<&'a Path>,
    /// The folder for the causes of a fuzzing.
    pub causes: Option<&'a Path>,
    /// Annotations and a summary in the formats that GitHub reads.
    pub github: bool,
    /// Whether files are overwritten that are none of ours.
    pub force: bool,
    /// How much the terminal shows.
    pub detail: Detail,
}

/// The sinks of a use: the history, the terminal, and what was asked for, which is
/// opened before anything is run for it.
pub fn open(wanted: Wanted<'_>, history: History) -> Result<Sinks, Stopped> {
    for file in wanted.files() {
        spares(file, history.path()).map_err(|history| {
            let history = history.display();
            Problem::new(format!(
                "{history} is the history, and writing to it would destroy it"
            ))
            .next("name another file")
        })?;
    }
    let views = all(wanted, true)?;
    Ok(Sinks::new(Some(Box::new(Recording::new(history))), views))
}

/// The sinks that show a recording: what was asked for, and where `on_screen` the
/// terminal.
pub fn views(wanted: Wanted<'_>, on_screen: bool) -> Result<Sinks, Stopped> {
    Ok(Sinks::new(None, all(wanted, on_screen)?))
}

impl Wanted<'_> {
    /// The files that are to be written.
    fn files(&self) -> Vec<&Path> {
        [self.json, self.junit, self.html, self.reduced]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Opens all that was asked for, or says of each that cannot be written why not:
/// then none of them is touched.
fn all(wanted: Wanted<'_>, on_screen: bool) -> Result<Vec<Box<dyn Sink>>, Stopped> {
    apart(&wanted.files())?;
    let mut refused: Vec<Problem> = Vec::new();
    let mut open = |path: Option<&Path>, is_ours: fn(&[u8]) -> bool| {
        let opened = OutputFile::open(path?, is_ours, wanted.force);
        opened.map_err(|why| refused.push(why.advised())).ok()
    };
    let json = open(wanted.json, json::is_ours);
    let junit = open(wanted.junit, junit::is_ours);
    let html = open(wanted.html, html::is_ours);
    let reduced = open(wanted.reduced, reduced::is_ours);
    let github = match wanted.github.then(GitHub::ready).transpose() {
        Ok(github) => github,
        Err(why) => {
            refused.push(why);
            None
        }
    };
    if refused.is_empty() {
        // What was reduced before stays until something smaller is there.
        let files = [&json, &junit, &html].into_iter().flatten();
        let begun = files.map(OutputFile::begin);
        refused = begun
            .filter_map(Result::err)
            .map(|it| it.advised())
            .collect();
    }
    if !refused.is_empty() {
        return Err(Stopped::for_all(Exit::Usage, refused));
    }
    let causes = wanted.causes.map(|it| FoundCauses::below(it.to_owned()));
    let views: [Option<Box<dyn Sink>>; 7] = [
        on_screen.then(|| Box::new(Terminal::new(wanted.detail, EVERYTHING)) as Box<dyn Sink>),
        json.map(|it| Box::new(JsonLines::new(it)) as Box<dyn Sink>),
        junit.map(|it| Box::new(Junit::new(it)) as Box<dyn Sink>),
        reduced.map(|it| Box::new(Reduced::new(it)) as Box<dyn Sink>),
        causes.map(|it| Box::new(it) as Box<dyn Sink>),
        github.map(|it| Box::new(it) as Box<dyn Sink>),
        html.map(|it| Box::new(Page::new(it)) as Box<dyn Sink>),
    ];
    Ok(views.into_iter().flatten().collect())
}

/// Writes a file that is all there is to write.
pub fn write(
    path: &Path,
    content: &str,
    is_ours: fn(&[u8]) -> bool,
    force: bool,
) -> Result<(), Problem> {
    let file = OutputFile::open(path, is_ours, force).map_err(|why| why.advised())?;
    let written = file.replace(content.as_bytes());
    written.map_err(|why| {
        let path = path.to_owned();
        OutputError::Unwritable { path, why }.advised()
    })
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

/// Sees to it that each output is a file, and that none overwrites another. Devices
/// take as much as they are given.
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

/// Nothing recorded is overwritten by what is made of it: `output` is none of
/// `inputs`. The error is the input that it is.
pub fn spares<'p>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> Result<(), &'p Path> {
    let Ok(output) = output.canonicalize() else {
        return Ok(());
    };
    let same = |input: &&Path| input.canonicalize().is_ok_and(|it| it == output);
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
        let why = apart(&[&one, &again]).err();
        assert!(why.unwrap().what().contains("is named for two outputs"));
        assert!(open(&one, &again).is_err());
        let why = not_a_dash(Path::new("-")).err();
        assert!(why.unwrap().what().contains("`-` is no file"));
        assert!(!Path::new("-").exists());
        assert!(open(Path::new("/dev/null"), Path::new("/dev/null")).is_ok());
    }
}
