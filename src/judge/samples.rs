//! Outcomes and expectations for tests.

use crate::case::{Ending, Outcome, Trap, Value};
use crate::scenario::Expectation;

/// A case that ended like this and printed that.
pub fn outcome(ending: Ending, stdout: &str) -> Outcome {
    Outcome {
        stdout: stdout.into(),
        live_stdout: stdout.into(),
        ..Outcome::new(ending)
    }
}

/// It returned this.
pub fn returned(value: Value) -> Ending {
    Ending::Returned {
        value,
        exit_code: None,
    }
}

/// It trapped, and nothing is said of it.
pub fn trapped(kind: &str) -> Ending {
    Ending::Trapped(Trap {
        kind: kind.to_owned(),
        message: String::new(),
        frames: Vec::new(),
    })
}

/// It must return this and print that.
pub fn expecting(value: Value, stdout: &str) -> Expectation {
    Expectation {
        stdout: Some(stdout.to_owned()),
        ..Expectation::of_value(value)
    }
}
