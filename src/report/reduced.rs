//! The smallest program so far, in a file from the first one on: whatever ends the
//! reduction leaves it there.

use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;

use super::FirstTrouble;
use super::output::OutputFile;
use crate::case::Problem;
use crate::record::reduce::ReduceInfo;
use crate::record::{Event, Occurrence, Sink};

/// How each of our files begins.
const MARK: &str = "-- vera-stress reduce ";

/// Whether a file that begins so is one of ours.
pub fn is_ours(start: &[u8]) -> bool {
    start.starts_with(MARK.as_bytes())
}

/// Writes the smallest program so far.
pub struct Reduced {
    file: OutputFile,
    head: OnceLock<String>,
    trouble: FirstTrouble,
}

impl Reduced {
    /// Into this file, and what the program imports beside it.
    pub fn new(file: OutputFile) -> Reduced {
        Reduced {
            file,
            head: OnceLock::new(),
            trouble: FirstTrouble::default(),
        }
    }

    fn write(&self, main: &str, files: &BTreeMap<String, String>) -> io::Result<()> {
        let head = self.head.get().map_or("", String::as_str);
        for (name, text) in files {
            if name == main {
                self.file.replace(format!("{head}{text}").as_bytes())?;
            } else if let Some(folder) = self.file.path().parent() {
                let beside = folder.join(name);
                if !beside.exists() {
                    std::fs::create_dir_all(beside.parent().unwrap_or(folder))?;
                    std::fs::write(beside, text)?;
                }
            }
        }
        Ok(())
    }
}

/// The comment at the top.
fn head(info: &ReduceInfo) -> String {
    let message = info.message.lines().next().unwrap_or_default();
    format!(
        "{MARK}{} in lane {} of {}\n-- {message}\n",
        info.scenario, info.lane, info.vera
    )
}

impl Sink for Reduced {
    fn take(&self, it: &Occurrence<'_>) {
        let written = match it.event {
            Event::ReduceStarted(info) => {
                let _ = self.head.set(head(info));
                return;
            }
            Event::Reduced(step) => self.write(&step.main, &step.files),
            Event::ReduceFinished(record) => self.write(&record.main, &record.files),
            _ => return,
        };
        self.trouble.keep(self.file.told(written));
    }

    fn close(&self) -> Result<(), Problem> {
        self.trouble.told()
    }
}
