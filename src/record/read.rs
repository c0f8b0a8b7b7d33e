//! A recorded run, read back from its JSON lines.

mod error;

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{CaseRecord, Format, RunInfo, Summary};
use crate::case::Case;
use crate::files;
pub use error::ReadError;

/// A run as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedRun {
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

/// The one field that every event has.
#[derive(Deserialize)]
struct EventName {
    #[serde(default)]
    event: String,
}

/// Reads a run from the file of its JSON lines.
///
/// A last line that was cut off is left out: it is what a run leaves that was
/// killed. Fields and events that this version does not know are passed over.
pub fn read(path: &Path) -> Result<RecordedRun, ReadError> {
    let file = path.display().to_string();
    match files::read(path) {
        Ok(bytes) => parse(&file, &bytes),
        Err(why) => Err(ReadError::Unreadable { file, why }),
    }
}

/// The same for the content of a file of that name.
pub fn parse(file: &str, bytes: &[u8]) -> Result<RecordedRun, ReadError> {
    let mut run: Option<RecordedRun> = None;
    let mut places: HashMap<Case, usize> = HashMap::new();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let whole = line.ends_with(b"\n");
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let reader = Reader(file, index + 1);
        let name: EventName = match serde_json::from_slice(line) {
            Ok(name) => name,
            // A run that was killed while it wrote leaves a part of a line.
            Err(_) if !whole && run.is_some() => break,
            Err(why) if !whole && why.is_eof() => return Err(ReadError::CutOff(file.to_owned())),
            Err(why) if why.is_data() => {
                return Err(reader.not_one_run("this is no event of a run"));
            }
            Err(why) => return Err(reader.not_json(&why)),
        };
        let Some(run) = &mut run else {
            run = Some(RecordedRun {
                info: reader.first(&name.event, line)?,
                cases: Vec::new(),
                summary: None,
            });
            continue;
        };
        match name.event.as_str() {
            "run-started" => {
                return Err(reader.not_one_run("another run begins here"));
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
                        return Err(reader.not_one_run(&what));
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
            "run-started" => {
                Format::of(&self.of(line)?).map_err(|why| ReadError::OtherFormat {
                    file: self.0.to_owned(),
                    line: self.1,
                    why,
                })?;
                self.of(line)
            }
            "climbs-started" => {
                Err(self.not_one_run("this is the record of a climb, not of a run"))
            }
            _ => Err(self.not_one_run("this is not how the record of a run begins")),
        }
    }

    fn of<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, ReadError> {
        serde_json::from_slice(line).map_err(|why| ReadError::OtherVersion {
            file: self.0.to_owned(),
            line: self.1,
            why: said(&why),
        })
    }

    fn not_json(&self, why: &serde_json::Error) -> ReadError {
        ReadError::NotJson {
            file: self.0.to_owned(),
            line: self.1,
            why: said(why),
        }
    }

    fn not_one_run(&self, what: &str) -> ReadError {
        ReadError::NotOneRun {
            file: self.0.to_owned(),
            line: self.1,
            what: what.to_owned(),
        }
    }
}

/// What the parser says, without its own number of the line: it sees only one.
fn said(why: &serde_json::Error) -> String {
    why.to_string().replace(" at line 1 column ", " at column ")
}

#[cfg(test)]
mod tests;
