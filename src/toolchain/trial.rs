//! Whether a Vera can do anything at all.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::error::ToolchainError;
use super::job::Job;
use super::modules::PROGRAM as COMPILED;
use super::watch::ChildEnd;
use crate::case::{Budget, Clock, Sources};

/// A program of ten lines, in the oldest Vera that is of interest: it makes a list of
/// the numbers up to n and returns the sum of the first and n.
pub const PROGRAM: &str = include_str!("trial.vera");

/// What it is called with.
pub const N: u64 = 10;

/// What it returns.
pub const RETURNS: i64 = 11;

/// The program as it is compiled.
pub fn sources() -> Sources {
    Sources::of([(Sources::MAIN.to_owned(), PROGRAM.to_owned())].into())
}

/// What it may use: a busy machine is no reason to call a Vera broken.
pub const BUDGET: Budget = Budget {
    time: Duration::from_mins(2),
    wall: Duration::from_mins(20),
    memory: crate::case::Bytes(2 << 30),
    output: crate::case::Bytes(1 << 20),
    instructions: crate::case::Instructions(u64::MAX),
};

/// The part of a child's reply that says whether it came to a result.
#[derive(Deserialize)]
struct Reply {
    ending: Option<ReplyEnding>,
}

#[derive(Deserialize)]
struct ReplyEnding {
    how: String,
    message: Option<String>,
}

/// Compiles and runs the program with `job`, which gives how a child ended, in a
/// folder below `scratch`. The error names what cannot be done, and why.
///
/// What it returns is not looked at: a Vera that computes wrong is one that works,
/// and its cases say what it does.
pub fn try_out(
    scratch: &Path,
    vera: &str,
    mut job: impl FnMut(&Job, Budget, &Path) -> Result<ChildEnd, ToolchainError>,
) -> Result<(), ToolchainError> {
    let files = |why: io::Error| ToolchainError::Unusable(format!("{vera} cannot be tried: {why}"));
    let place = tempfile::tempdir_in(scratch).map_err(files)?;
    let folder = |name: &str| -> io::Result<PathBuf> {
        let folder = place.path().join(name);
        fs::create_dir(&folder)?;
        Ok(folder)
    };
    let source = folder("source").map_err(files)?;
    let (compiled, ran) = (folder("compiled"), folder("ran"));
    let (compiled, ran) = (compiled.map_err(files)?, ran.map_err(files)?);
    fs::write(source.join(Sources::MAIN), PROGRAM).map_err(files)?;
    let compile = Job::Compile {
        source,
        main: Sources::MAIN.to_owned(),
        eager: false,
    };
    let run = Job::Run {
        module: compiled.join(COMPILED),
        args: vec![N.to_string()],
        stdin: None,
        folder: folder("here").map_err(files)?,
        files: false,
        env: BTreeMap::new(),
    };
    for (doing, work, out) in [("compile", compile, compiled), ("run", run, ran)] {
        let end = job(&work, BUDGET, &out)?;
        if end == ChildEnd::Interrupted {
            break;
        }
        if let Some(why) = failure(end, &out) {
            return Err(ToolchainError::Unusable(format!(
                "{vera} cannot {doing} a program of ten lines: {why}"
            )));
        }
    }
    Ok(())
}

/// Why a child came to no result; `None` where it came to one.
fn failure(end: ChildEnd, out: &Path) -> Option<String> {
    let reply = || -> Option<Reply> {
        serde_json::from_slice(&fs::read(out.join("reply.json")).ok()?).ok()
    };
    match end {
        ChildEnd::Replied => match reply() {
            None => Some("the process ended without a result".to_owned()),
            Some(Reply { ending: None }) => None,
            Some(Reply { ending: Some(it) }) if it.how == "returned" => None,
            Some(Reply { ending: Some(it) }) => Some(it.message.unwrap_or(it.how)),
        },
        ChildEnd::OverTime(clock) => {
            let limit = match clock {
                Clock::Processor => BUDGET.time,
                Clock::Wall => BUDGET.wall,
            };
            Some(format!("it takes more than {} seconds", limit.as_secs()))
        }
        ChildEnd::OverMemory(_) => Some(format!("it takes more than {}", BUDGET.memory)),
        ChildEnd::OverOutput => Some(format!("it prints more than {}", BUDGET.output)),
        ChildEnd::Died(why) => Some(why),
        ChildEnd::Interrupted => None,
    }
}
