//! A folder for each cause that generated programs have: the smallest program as a
//! scenario, what to write into an issue, and a script that shows it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::FirstTrouble;
use crate::case::Problem;
use crate::record::fuzz::FuzzCause;
use crate::record::{Event, Occurrence, Sink};
use crate::scenario::new::TO_WRITE;
use crate::scenario::{FailureKind, toml_text};

/// Writes the causes that are new.
pub struct FoundCauses {
    folder: PathBuf,
    trouble: FirstTrouble,
}

impl FoundCauses {
    /// Below this folder.
    pub fn below(folder: PathBuf) -> FoundCauses {
        FoundCauses {
            folder,
            trouble: FirstTrouble::default(),
        }
    }
}

impl Sink for FoundCauses {
    fn take(&self, it: &Occurrence<'_>) {
        if let Event::FuzzFound(cause) = it.event
            && cause.known.is_none()
        {
            let folder = free(&self.folder, &cause.name);
            self.trouble.keep(write(&folder, cause).map_err(|why| {
                Problem::new(format!("{} cannot be written: {why}", folder.display()))
            }));
        }
    }

    fn close(&self) -> Result<(), Problem> {
        self.trouble.told()
    }
}

/// A folder that is not there yet: what an earlier run found stays.
fn free(below: &Path, name: &str) -> PathBuf {
    let numbered = (2..).map(|it| below.join(format!("{name}.{it}")));
    let mut all = std::iter::once(below.join(name)).chain(numbered);
    all.find(|it| !it.exists()).expect("numbers do not end")
}

fn write(folder: &Path, cause: &FuzzCause) -> io::Result<()> {
    fs::create_dir_all(folder.join("scenario"))?;
    let file = |name: &str, text: &str| fs::write(folder.join(name), text);
    file("program.vera", &cause.program)?;
    file("scenario/main.vera", &cause.program)?;
    file("scenario/scenario.toml", &scenario(cause))?;
    file("report.md", &report(cause))?;
    let script = format!(
        "#!/bin/sh\n# {}\ncd \"$(dirname \"$0\")\" && exec {} \"$@\"\n",
        first_line(&cause.message),
        cause.shows
    );
    file("repro.sh", &script)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The scenario, as far as a program can write it.
fn scenario(cause: &FuzzCause) -> String {
    let title = toml_text(&format!("generated: {}", first_line(&cause.message)));
    let n = cause.n;
    let mut text = format!(
        "title = {title}\nwhy   = \"{TO_WRITE} why there is this scenario\"\nn     = {n}\n\n[[guards]]\nclass   = \"{TO_WRITE} which class of bugs\"\nhistory = \"{TO_WRITE} where in Vera's source\"\n\n[expect]\nagree = true\n"
    );
    if let Some(expected) = &cause.pinned {
        text.push_str(&format!("\n[expect.at]\n{expected}\n"));
    }
    text
}

/// What to write into an issue.
fn report(cause: &FuzzCause) -> String {
    let what = match cause.signature.verdict {
        FailureKind::Rejected => "a valid program is refused after a clean check",
        FailureKind::InvalidModule => "a valid program becomes an invalid module",
        FailureKind::Wrong => "a program returns something else than it must",
        FailureKind::Corrupt => "the heap of a program is broken",
        _ => "a program that must return does not",
    };
    let expected = match &cause.expected {
        Some(expected) => format!("\nIt must come to: `{expected}`\n"),
        None => String::new(),
    };
    format!(
        "# {what}\n\n```vera\n{}\n```\n\n`{}`\n{expected}\nWhat came, in lane {}:\n\n```\n{}\n```\n\nFound by `{}`.\n",
        cause.program.trim_end(),
        cause.shows,
        cause.lane,
        cause.message,
        cause.again
    )
}
