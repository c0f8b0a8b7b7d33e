//! The file of a step's summary.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use crate::case::Problem;

/// GitHub takes so many bytes of summary from a step, and nothing of a larger one.
const LARGEST: u64 = 1024 * 1024;

/// The file that `GITHUB_STEP_SUMMARY` names. It may hold what earlier commands of
/// the step have written.
pub struct SummaryFile(PathBuf);

impl SummaryFile {
    /// The file, where there is one.
    pub fn from_environment() -> Option<SummaryFile> {
        let path = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|it| !it.is_empty())?;
        Some(SummaryFile(PathBuf::from(path)))
    }

    /// Whether it can be written to.
    pub fn ready(&self) -> Result<(), Problem> {
        self.open().map(|_| ()).map_err(|why| {
            self.cannot(&why).next("let GITHUB_STEP_SUMMARY name a file that you may write to, or unset it to do without a summary")
        })
    }

    /// How many bytes it still takes.
    pub fn room(&self) -> Result<usize, Problem> {
        let used = match fs::metadata(&self.0) {
            Ok(file) => file.len(),
            Err(why) if why.kind() == ErrorKind::NotFound => 0,
            Err(why) => return Err(self.cannot(&why)),
        };
        let room = LARGEST.saturating_sub(used);
        Ok(usize::try_from(room).expect("1 MiB is a size on any machine"))
    }

    /// Adds a page at the end.
    pub fn append(&self, page: &str) -> Result<(), Problem> {
        self.open()
            .and_then(|mut file| file.write_all(page.as_bytes()))
            .map_err(|why| self.cannot(&why))
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.0)
    }

    fn cannot(&self, why: &io::Error) -> Problem {
        Problem::new(format!(
            "the job summary {} cannot be written: {why}",
            self.0.display()
        ))
    }
}
