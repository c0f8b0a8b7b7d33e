//! What a run writes beside the terminal.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::github;
use super::html::Page;
use super::json::JsonLines;
use super::junit;
use super::terminal::note;
use crate::exit::Exit;
use crate::record::climb::ClimbRecord;
use crate::record::compare::{CompareSummary, Comparison};
use crate::record::{CaseRecord, RunInfo, Summary};

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

/// What a run writes beside the terminal: files, and what GitHub reads.
pub struct Outputs {
    json: Option<JsonLines>,
    junit: Option<PathBuf>,
    page: Option<Page>,
    github: bool,
    trouble: Mutex<Option<String>>,
}

impl Outputs {
    /// Opens what was asked for, before anything is run for it. The error is a
    /// sentence about the file that cannot be written.
    pub fn open(wanted: Wanted<'_>) -> Result<Outputs, String> {
        let files = [wanted.json, wanted.junit, wanted.html];
        apart(&files.into_iter().flatten().collect::<Vec<_>>())?;
        if wanted.github {
            github::ready()?;
        }
        for path in [wanted.junit, wanted.html].into_iter().flatten() {
            File::create(path).map_err(|why| cannot(path, &why))?;
        }
        let json = wanted
            .json
            .map(|path| JsonLines::create(path).map_err(|why| cannot(path, &why)))
            .transpose()?;
        Ok(Outputs {
            json,
            junit: wanted.junit.map(Path::to_owned),
            page: wanted.html.map(Page::new),
            github: wanted.github,
            trouble: Mutex::default(),
        })
    }

    /// Takes an event, for those that are written as things happen or that hold
    /// all of them.
    pub fn write(&self, event: &impl Serialize) {
        if self.json.is_some() || self.page.is_some() {
            let line = serde_json::to_string(event).expect("events have string keys only");
            self.line(&line);
        }
    }

    /// Takes an event that is JSON already.
    pub fn line(&self, line: &str) {
        if let Some(json) = &self.json
            && let Err(why) = json.line(line)
        {
            self.failed(format!("the JSON file cannot be written: {why}"));
        }
        if let Some(page) = &self.page {
            page.add(line);
        }
    }

    /// Writes what is made of all cases of a run.
    pub fn cases(&self, info: &RunInfo, records: &[CaseRecord], summary: &Summary) {
        if let Some(path) = &self.junit
            && let Err(why) = junit::write(path, info, records)
        {
            self.failed(format!("{} cannot be written: {why}", path.display()));
        }
        if self.github
            && let Err(why) = github::cases(info, records, summary)
        {
            self.failed(why);
        }
    }

    /// Writes what is made of all climbs.
    pub fn climbs(&self, info: &RunInfo, records: &[ClimbRecord], summary: &Summary) {
        if self.github
            && let Err(why) = github::climbs(info, records, summary)
        {
            self.failed(why);
        }
    }

    /// Writes what is made of a comparison.
    pub fn comparison(&self, comparison: &Comparison, summary: &CompareSummary) {
        if self.github
            && let Err(why) = github::comparison(comparison, summary)
        {
            self.failed(why);
        }
    }

    /// Tells GitHub why a command ends without results, which has been said.
    pub fn ended(&self, why: &str) {
        if self.github
            && let Err(why) = github::ended(why)
        {
            note(&why);
        }
    }

    fn failed(&self, why: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    /// Writes the page, and gives the exit code, after saying what could not be
    /// written.
    pub fn report(&self, exit: Exit) -> Exit {
        if let Some(page) = &self.page
            && let Err(why) = page.write()
        {
            self.failed(why);
        }
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(why) = &*trouble else {
            return exit;
        };
        note(&format!(
            "{why}\n     next: free some space or fix its permissions, and run again"
        ));
        if exit == Exit::Success {
            Exit::Usage
        } else {
            exit
        }
    }
}

/// Sees to it that each output is a file, and that none overwrites another. Devices take as much as they are
/// given.
fn apart(files: &[&Path]) -> Result<(), String> {
    let device = |file: &Path| file.metadata().is_ok_and(|it| !it.is_file());
    let place = |file: &Path| {
        let found = file.canonicalize();
        found.or_else(|_| std::path::absolute(file)).ok()
    };
    for (index, file) in files.iter().enumerate() {
        not_a_dash(file)?;
        let same = |other: &&Path| place(other) == place(file);
        if !device(file) && files[..index].iter().any(same) {
            return Err(format!(
                "{} is named for two outputs, and one would overwrite the other\n     next: name a file for each",
                file.display()
            ));
        }
    }
    Ok(())
}

/// Refuses `-`, which would be a file of that name.
pub fn not_a_dash(file: &Path) -> Result<(), String> {
    match file == Path::new("-") {
        true => Err("`-` is no file, and standard output has what the terminal shows\n     next: name a file to write to".to_owned()),
        false => Ok(()),
    }
}

fn cannot(path: &Path, why: &io::Error) -> String {
    format!(
        "{} cannot be written: {why}\n     next: name a file in an existing directory that you may write to",
        path.display()
    )
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
        assert!(Outputs::open(wanted(&one, &other)).is_ok());
        let again = folder.path().join("./a.json");
        let why = Outputs::open(wanted(&one, &again)).err();
        assert!(why.unwrap().contains("is named for two outputs"));
        let why = not_a_dash(Path::new("-")).err();
        assert!(why.unwrap().contains("`-` is no file"));
        assert!(!Path::new("-").exists());
        assert!(Outputs::open(wanted(Path::new("/dev/null"), Path::new("/dev/null"))).is_ok());
    }
}
