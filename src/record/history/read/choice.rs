//! Which earlier run is meant.

use std::str::FromStr;

use crate::case::Problem;

/// Which earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunChoice {
    /// The newest that has finished.
    Last,
    /// The one with this id.
    Id(i64),
}

impl FromStr for RunChoice {
    type Err = Problem;

    fn from_str(text: &str) -> Result<RunChoice, Problem> {
        match text.parse() {
            _ if text == "last" => Ok(RunChoice::Last),
            Ok(id) if id > 0 => Ok(RunChoice::Id(id)),
            _ => Err(Problem::new(format!(
                "`{text}` is no run; write last, or a number that `vera-stress history` shows"
            ))),
        }
    }
}
