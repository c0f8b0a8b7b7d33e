//! JSON lines: every event that is recorded, written as it happens.

use super::FirstTrouble;
use super::output::OutputFile;
use crate::case::Problem;
use crate::record::{Event, Occurrence, Sink};

/// A file that takes one JSON object a line. Each line is handed to the
/// operating system at once, so what was finished survives any end of the run.
pub struct JsonLines {
    file: OutputFile,
    trouble: FirstTrouble,
}

impl JsonLines {
    /// Lines in a file.
    pub fn new(file: OutputFile) -> JsonLines {
        JsonLines {
            file,
            trouble: FirstTrouble::default(),
        }
    }
}

/// Whether a file that begins so is a recording.
pub fn is_ours(start: &[u8]) -> bool {
    let begins = |event: &&str| start.starts_with(format!("{{\"event\":\"{event}\"").as_bytes());
    Event::NAMES.iter().any(begins)
}

impl Sink for JsonLines {
    fn take(&self, it: &Occurrence<'_>) {
        let Some(line) = it.line() else {
            return;
        };
        let written = self.file.append(format!("{line}\n").as_bytes());
        self.trouble.keep(self.file.told(written));
    }

    fn close(&self) -> Result<(), Problem> {
        self.trouble.told()
    }
}
