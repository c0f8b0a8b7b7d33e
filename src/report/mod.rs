//! Views of what happens in a use: each is a sink, one a format.

pub mod found;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod output;
pub mod reduced;
pub mod terminal;

use std::sync::{Mutex, PoisonError};

use crate::case::Problem;

/// The first thing that kept an output from being written.
#[derive(Debug, Default)]
struct FirstTrouble(Mutex<Option<Problem>>);

impl FirstTrouble {
    /// Keeps what went wrong, where something did.
    fn keep(&self, done: Result<(), Problem>) {
        if let Err(why) = done {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| {
                why.next("free some space or fix its permissions, and run again")
            });
        }
    }

    /// What went wrong, if anything did.
    fn told(&self) -> Result<(), Problem> {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.take().map_or(Ok(()), Err)
    }
}
