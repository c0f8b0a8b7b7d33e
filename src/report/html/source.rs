//! What a page is made of: the lines that `--json` wrote, whole and unchanged.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use super::{escaped, pack};
use crate::files;
use crate::record::{Format, UnknownFormat};

/// A recording that becomes a section of a page.
#[derive(Clone, Debug)]
pub struct PageSource {
    name: String,
    bytes: Vec<u8>,
}

/// Why a file cannot become a section of a page.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read at all.
    #[error("{file} cannot be read: {why}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What the operating system says.
        why: io::Error,
    },
    /// Not even the first event is there.
    #[error(
        "{0} holds no event: what wrote it ended before it began, as it does where Vera cannot be set up"
    )]
    Empty(String),
    /// The file ends within its first event.
    #[error("{0} is cut off in its first line, so nothing is known of its run")]
    CutOff(String),
    /// A line is no JSON object.
    #[error("{file}:{line}: this is not JSON ({why})")]
    NotJson {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// The whole file is of a later version.
    #[error("{file}:{line}: {why}")]
    OtherFormat {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What it says of itself.
        why: UnknownFormat,
    },
    /// The file holds something else.
    #[error("{file}:{line}: {what}")]
    NotOurs {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What it holds.
        what: String,
    },
}

/// The events that a recording begins with, of each command that makes one. A
/// check of known limits had no event of its own for that in the first format.
const FIRST: [&str; 8] = [
    "run-started",
    "climbs-started",
    "compare-started",
    "bisect-started",
    "known-started",
    "limit-looked-at",
    "known-finished",
    HISTORY,
];

/// The event that a saved history begins with.
const HISTORY: &str = "history-started";

impl PageSource {
    /// Lines that this process has just made, to be saved under this name.
    pub fn new(name: &str, bytes: Vec<u8>) -> PageSource {
        PageSource {
            name: name.to_owned(),
            bytes,
        }
    }

    /// Reads a recording. A last line that was cut off stays, and the page says
    /// so: it is what a run leaves that was killed. So do events and fields that
    /// this version does not know.
    pub fn read(path: &Path) -> Result<PageSource, SourceError> {
        let file = path.display().to_string();
        let bytes = files::read(path).map_err(|why| SourceError::Unreadable {
            file: file.clone(),
            why,
        })?;
        check(&file, &bytes)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(PageSource::new(&name, bytes))
    }

    /// The events, without a last line that was cut off.
    pub(super) fn events(&self) -> impl Iterator<Item = Map<String, Value>> {
        let lines = self.bytes.split(|byte| *byte == b'\n');
        lines.filter_map(|line| serde_json::from_slice(line).ok())
    }

    /// Whether it is a history, and no recording of a use.
    pub fn is_history(&self) -> bool {
        let first = self.events().next();
        first.is_some_and(|it| it.get("event").and_then(Value::as_str) == Some(HISTORY))
    }

    /// The lines of it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name to save it under.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The element of the page that holds it.
    pub(super) fn element(&self) -> String {
        format!(
            "<script type=\"application/gzip\" class=\"recording\" data-name=\"{}\">{}</script>\n",
            escaped(&self.name),
            pack::packed(&self.bytes)
        )
    }
}

/// Whether these are the events of one recording.
fn check(file: &str, bytes: &[u8]) -> Result<(), SourceError> {
    let mut begun = false;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let whole = line.ends_with(b"\n");
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let not_ours = |what: String| SourceError::NotOurs {
            file: file.to_owned(),
            line: index + 1,
            what,
        };
        let value: Value = match serde_json::from_slice(line) {
            Ok(value) => value,
            // A run that was killed while it wrote leaves a part of a line.
            Err(_) if !whole && begun => break,
            Err(why) if !whole && why.is_eof() => return Err(SourceError::CutOff(file.to_owned())),
            Err(why) => {
                let why = why.to_string().replace(" at line 1 column ", " at column ");
                return Err(SourceError::NotJson {
                    file: file.to_owned(),
                    line: index + 1,
                    why,
                });
            }
        };
        let Some(event) = value.get("event").and_then(Value::as_str) else {
            return Err(not_ours("this is no event of vera-stress".to_owned()));
        };
        let begins = FIRST.contains(&event);
        match (begun, begins) {
            (false, false) => {
                let what = format!("no recording of vera-stress begins with the event `{event}`");
                return Err(not_ours(what));
            }
            (true, true) if event.ends_with("-started") => {
                return Err(not_ours("another recording begins here".to_owned()));
            }
            (false, true) => {
                Format::of(&value).map_err(|why| SourceError::OtherFormat {
                    file: file.to_owned(),
                    line: index + 1,
                    why,
                })?;
                begun = true;
            }
            (true, true | false) => {}
        }
    }
    match begun {
        true => Ok(()),
        false => Err(SourceError::Empty(file.to_owned())),
    }
}
