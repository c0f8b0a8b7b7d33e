//! Why a case was not run.

use std::sync::Arc;
use std::time::Duration;

use crate::toolchain::compile::Stop;

/// Why a case was not run.
#[derive(Clone, Debug)]
pub enum NotRun {
    /// The suite's budget was spent.
    Budget(Duration),
    /// Another case failed, and the run was to end at the first failure.
    FailFast,
    /// The run was interrupted.
    Interrupted,
    /// The scenario's own oracle or generator failed, or what its program is given
    /// cannot be read.
    Scenario(String),
    /// The toolchain, or a file of the run's own, failed.
    Toolchain(Arc<Stop>),
}

impl NotRun {
    /// The reason in one sentence.
    pub fn message(&self) -> String {
        match self {
            NotRun::Budget(budget) => format!(
                "the suite's budget of {} was spent; raise it with --budget, or run fewer cases",
                humantime::format_duration(*budget)
            ),
            NotRun::FailFast => "another case failed first (--fail-fast)".to_owned(),
            NotRun::Interrupted => "the run was interrupted".to_owned(),
            NotRun::Scenario(why) => format!("the scenario cannot be judged: {why}"),
            NotRun::Toolchain(why) => why.to_string(),
        }
    }
}

impl From<Stop> for NotRun {
    fn from(stop: Stop) -> NotRun {
        match stop {
            Stop::Interrupted => NotRun::Interrupted,
            Stop::Surroundings(problem) => NotRun::Scenario(problem.to_string()),
            other => NotRun::Toolchain(Arc::new(other)),
        }
    }
}
