//! JSON lines: every event of a run, written as it happens.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// A file that takes one JSON object a line. Each line is handed to the
/// operating system at once, so what was finished survives any end of the run.
pub struct JsonLines {
    file: Mutex<File>,
}

impl JsonLines {
    /// Creates the file, or empties it.
    pub fn create(path: &Path) -> io::Result<JsonLines> {
        Ok(JsonLines {
            file: Mutex::new(File::create(path)?),
        })
    }

    /// Writes one event.
    pub fn write(&self, event: &impl Serialize) -> io::Result<()> {
        self.line(&serde_json::to_string(event)?)
    }

    /// Writes an event that is JSON already.
    pub fn line(&self, event: &str) -> io::Result<()> {
        let line = format!("{event}\n");
        self.file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(line.as_bytes())
    }
}
