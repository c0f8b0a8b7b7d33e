//! A recorded run, read back from its JSON lines.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{CaseRecord, RunInfo, Summary};
use crate::case::Case;

/// A run as it was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What it was about.
    pub info: RunInfo,
    /// Its cases, in the order in which they ended.
    pub cases: Vec<RecordedCase>,
    /// Its numbers; `None` where it did not come to its end.
    pub summary: Option<Summary>,
}

/// A case as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedCase {
    /// What is known of it in the end.
    pub record: CaseRecord,
    /// The events about it, each a line of JSON as it was written: a later
    /// version may have recorded more than this one knows.
    pub lines: Vec<String>,
}

/// Why a file cannot be read as a recorded run.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read at all.
    #[error(
        "{file} cannot be read: {why}\n     next: name a file that `vera-stress run --json FILE` wrote"
    )]
    Unreadable {
        /// Which file.
        file: String,
        /// What the operating system says.
        why: io::Error,
    },
    /// Not even the first event is there.
    #[error(
        "{0} holds no event: its run ended before it began, as it does where Vera cannot be set up\n     next: see what that run printed, and run it again"
    )]
    Empty(String),
    /// The file ends within its first event.
    #[error(
        "{0} is cut off in its first line, so nothing is known of its run\n     next: give the file as the run wrote it, or run that part again"
    )]
    CutOff(String),
    /// A line is no JSON object.
    #[error(
        "{file}:{line}: this is not JSON ({why})\n     next: name a file that `vera-stress run --json FILE` wrote, unchanged"
    )]
    NotJson {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// The file holds something else.
    #[error("{file}:{line}: {what}\n     next: {next}")]
    NoRun {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What it holds.
        what: String,
        /// What to do.
        next: &'static str,
    },
}

/// The one field that every event has.
#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    event: String,
}

const ONE_RUN: &str = "name files that `vera-stress run --json FILE` wrote, each by itself";

/// Reads a run from the file that its `--json` wrote.
///
/// A last line that was cut off is left out: it is what a run leaves that was
/// killed. Fields and events that this version does not know are passed over.
pub fn read(path: &Path) -> Result<Recorded, ReadError> {
    let file = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => parse(&file, &bytes),
        Err(why) => Err(ReadError::Unreadable { file, why }),
    }
}

/// The same for the content of a file of that name.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Recorded, ReadError> {
    let mut run: Option<Recorded> = None;
    let mut places: HashMap<Case, usize> = HashMap::new();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let whole = line.ends_with(b"\n");
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let reader = Reader(file, index + 1);
        let kind: Kind = match serde_json::from_slice(line) {
            Ok(kind) => kind,
            // A run that was killed while it wrote leaves a part of a line.
            Err(_) if !whole && run.is_some() => break,
            Err(why) if !whole && why.is_eof() => return Err(ReadError::CutOff(file.to_owned())),
            Err(why) if why.is_data() => {
                return Err(reader.no_run("this is no event of a run", ONE_RUN));
            }
            Err(why) => return Err(reader.not_json(&why)),
        };
        let Some(run) = &mut run else {
            run = Some(Recorded {
                info: reader.first(&kind.event, line)?,
                cases: Vec::new(),
                summary: None,
            });
            continue;
        };
        match kind.event.as_str() {
            "run-started" => {
                return Err(reader.no_run("another run begins here", ONE_RUN));
            }
            event @ ("case-finished" | "case-shrunk") => {
                let record: CaseRecord = reader.of(line)?;
                let line = String::from_utf8_lossy(line).into_owned();
                match places.get(&record.case()) {
                    Some(place) if event == "case-shrunk" => {
                        let case = &mut run.cases[*place];
                        case.record = record;
                        case.lines.push(line);
                    }
                    Some(_) => {
                        let what = format!("{} ends here once more", record.heading());
                        return Err(reader.no_run(&what, ONE_RUN));
                    }
                    None => {
                        places.insert(record.case(), run.cases.len());
                        let lines = vec![line];
                        run.cases.push(RecordedCase { record, lines });
                    }
                }
            }
            "run-finished" => run.summary = Some(reader.of(line)?),
            _ => {}
        }
    }
    run.ok_or_else(|| ReadError::Empty(file.to_owned()))
}

/// A line of a file, by its number from 1.
struct Reader<'a>(&'a str, usize);

impl Reader<'_> {
    /// What the first line says the run is about.
    fn first(&self, event: &str, line: &[u8]) -> Result<RunInfo, ReadError> {
        match event {
            "run-started" => self.of(line),
            "climbs-started" => {
                Err(self.no_run("this is the record of a climb, not of a run", ONE_RUN))
            }
            _ => Err(self.no_run("this is not how the record of a run begins", ONE_RUN)),
        }
    }

    fn of<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, ReadError> {
        serde_json::from_slice(line).map_err(|why| {
            self.no_run(
                &format!(
                    "this event is not as this vera-stress writes it ({})",
                    said(&why)
                ),
                "read it with the version of vera-stress that wrote it",
            )
        })
    }

    fn not_json(&self, why: &serde_json::Error) -> ReadError {
        ReadError::NotJson {
            file: self.0.to_owned(),
            line: self.1,
            why: said(why),
        }
    }

    fn no_run(&self, what: &str, next: &'static str) -> ReadError {
        ReadError::NoRun {
            file: self.0.to_owned(),
            line: self.1,
            what: what.to_owned(),
            next,
        }
    }
}

/// What the parser says, without its own number of the line: it sees only one.
fn said(why: &serde_json::Error) -> String {
    why.to_string().replace(" at line 1 column ", " at column ")
}

#[cfg(test)]
mod tests;
