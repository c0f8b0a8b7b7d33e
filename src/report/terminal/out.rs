//! Standard output, and what kept something from being written to it.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::OnceLock;

use crate::case::Problem;

/// The first thing that went wrong. It is one for the process, as standard output
/// is: whoever prints goes on, and whoever ends the command asks.
static TROUBLE: OnceLock<String> = OnceLock::new();

/// Standard output as a writer, which never fails: what went wrong is kept.
///
/// Whoever closed it wants no more, which is nothing wrong.
#[derive(Clone, Copy, Debug)]
pub struct Out;

impl Write for Out {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        keep(io::stdout().lock().write_all(text));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        keep(io::stdout().lock().flush());
        Ok(())
    }
}

/// Prints a line, or several.
pub fn line(text: impl Display) {
    let mut out = io::stdout().lock();
    keep(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// What kept something from being written, if anything did.
pub fn trouble() -> Option<Problem> {
    let why = TROUBLE.get()?;
    Some(
        Problem::new(format!("standard output cannot be written: {why}"))
            .next("free some space, or let it go elsewhere, and run again"),
    )
}

/// Keeps what went wrong, where something did.
pub fn keep(done: io::Result<()>) {
    if let Err(why) = done
        && why.kind() != io::ErrorKind::BrokenPipe
    {
        TROUBLE.get_or_init(|| why.to_string());
    }
}
