//! JSON lines: every event that is recorded, written as it happens.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::FirstTrouble;
use crate::case::Problem;
use crate::record::{Occurrence, Sink};

/// A file that takes one JSON object a line. Each line is handed to the
/// operating system at once, so what was finished survives any end of the run.
pub struct JsonLines {
    file: Mutex<File>,
    trouble: FirstTrouble,
}

impl JsonLines {
    /// Creates the file, or empties it.
    pub fn create(path: &Path) -> io::Result<JsonLines> {
        Ok(JsonLines {
            file: Mutex::new(File::create(path)?),
            trouble: FirstTrouble::default(),
        })
    }
}

impl Sink for JsonLines {
    fn take(&self, it: &Occurrence<'_>) {
        let Some(line) = it.line() else {
            return;
        };
        let line = format!("{line}\n");
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(line.as_bytes());
        drop(file);
        self.trouble.keep(
            written.map_err(|why| Problem::new(format!("the JSON file cannot be written: {why}"))),
        );
    }

    fn close(&self) -> Result<(), Problem> {
        self.trouble.told()
    }
}
