//! One page for a browser, with everything that was recorded in it.
//!
//! The page is a template with the recorded lines of JSON in it, which it draws
//! itself: there is one data model, and a page of a run that has just ended is
//! the page that `report` makes of its file later.

mod assets;
mod pack;
pub mod past;
mod plain;
mod source;

use std::sync::{Mutex, PoisonError};

use super::FirstTrouble;
use super::output::OutputFile;
use crate::case::Problem;
use crate::record::{Occurrence, Sink};
pub use source::{PageSource, SourceError};

/// What every page begins with.
const FIRST_LINE: &str = "<!doctype html><!-- a page of vera-stress -->";

/// A page that is written when the run is over.
pub struct Page {
    file: OutputFile,
    lines: Mutex<Vec<u8>>,
}

impl Page {
    /// A page in a file.
    pub fn new(file: OutputFile) -> Page {
        Page {
            file,
            lines: Mutex::default(),
        }
    }
}

impl Sink for Page {
    fn take(&self, it: &Occurrence<'_>) {
        if let Some(line) = it.line() {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
        }
    }

    fn close(&self) -> Result<(), Problem> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.file.path().with_extension("jsonl");
        let name = name.file_name().unwrap_or_default().to_string_lossy();
        let page = render(&[PageSource::new(&name, lines.clone())]);
        let trouble = FirstTrouble::default();
        trouble.keep(self.file.told(self.file.replace(page.as_bytes())));
        trouble.told()
    }
}

/// Whether a file that begins so is a page.
pub fn is_ours(start: &[u8]) -> bool {
    start.starts_with(FIRST_LINE.as_bytes())
}

/// The page with these recordings, a section each.
pub fn render(sources: &[PageSource]) -> String {
    let data: String = sources.iter().map(PageSource::element).collect();
    let plain: String = sources.iter().map(plain::text).collect();
    assets::page(&data, &plain)
}

/// A text in HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
