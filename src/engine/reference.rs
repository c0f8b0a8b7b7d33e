//! Vera's own runtime, in a process of its own.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::folder::Around;
use crate::case::{Budget, Bytes, Doing, Ending, Frame, HostUse, Outcome, Trap, Usage, Value};
use crate::interrupt::Interrupt;
use crate::toolchain::compile::{self, Compiled, PROGRAM, Stop};
use crate::toolchain::watch::ChildEnd;
use crate::toolchain::worker::{Job, Workers};

/// The reference engine.
pub struct Reference {
    scratch: PathBuf,
}

/// What is to be run, beside the program.
#[derive(Clone, Debug)]
pub struct ReferenceRequest<'a> {
    /// The arguments of `main`, as `vera run` would be given them.
    pub arguments: Vec<String>,
    /// All else that it is given.
    pub around: Around<'a>,
    /// What it may use.
    pub budget: Budget,
}

/// What a running child replies; Rust's and Python's floats differ in how they
/// write what is no number, so floats come as text.
#[derive(Deserialize)]
struct Reply {
    ending: ReplyEnding,
    #[serde(default)]
    peak_heap: Option<u64>,
    /// The largest resident set before the program ran.
    #[serde(default)]
    before: Option<u64>,
    /// How many values the host's stores held at the end.
    #[serde(default)]
    stores: u64,
    /// How many bytes it wrote to files.
    #[serde(default)]
    written: u64,
}

#[derive(Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
enum ReplyEnding {
    Returned {
        value: ReplyValue,
        exit_code: Option<i64>,
    },
    Trapped {
        kind: String,
        message: String,
        frames: Vec<Frame>,
    },
    InvalidModule {
        message: String,
    },
    Crashed {
        message: String,
    },
    Unsupported {
        message: String,
    },
    OverOutput,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReplyValue {
    Unit,
    Int(i64),
    Float(String),
    Text(String),
}

impl Reference {
    /// The engine, with its own files in `scratch`.
    pub fn new(scratch: &Path) -> Reference {
        Reference {
            scratch: scratch.to_owned(),
        }
    }

    /// Runs a compiled program in a process that a worker forks.
    pub fn run(
        &self,
        workers: &Workers,
        compiled: &Compiled,
        request: ReferenceRequest<'_>,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let ReferenceRequest {
            arguments,
            around,
            budget,
        } = request;
        let folder = around.files.fresh();
        let folder = folder.map_err(Stop::files("giving a program its files"))?;
        let out = tempfile::tempdir_in(&self.scratch)
            .map_err(Stop::files("making a folder for a run"))?;
        let job = Job::Run {
            module: compiled.folder.join(PROGRAM),
            args: arguments.clone(),
            stdin: write_input(out.path(), around.input)?,
            folder: folder.path().to_owned(),
            files: around.asks_for_files,
            env: around.env.clone(),
        };
        let (end, usage) = workers.run(&job, budget, out.path(), interrupt)?;
        let file = |name: &str| fs::read(out.path().join(name)).unwrap_or_default();
        let live_stdout = file("stdout");
        let (ending, reply) = match (end, compile::read_reply::<Reply>(out.path())) {
            (ChildEnd::Replied, Some(reply)) => (reply.ending(budget), Some(reply)),
            (end, _) => (compile::ending(end, budget, Doing::Running)?, None),
        };
        let written = reply.as_ref().map_or(0, |it| it.written);
        let captured = out.path().join("captured-stdout").exists();
        let stderr = file(if captured {
            "captured-stderr"
        } else {
            "stderr"
        });
        let left = folder.left(budget.output);
        let left = left.map_err(Stop::files("reading what a program wrote"))?;
        let printed = live_stdout.len() as u64 + stderr.len() as u64;
        let ending = match left.is_none()
            || written > 0 && printed.saturating_add(written) > budget.output.0
        {
            true => over_output(budget),
            false => ending,
        };
        Ok(Outcome {
            stdout: if captured {
                file("captured-stdout")
            } else {
                // A process that was ended took its capture with it.
                live_stdout.clone()
            },
            stderr,
            files: left.unwrap_or_default(),
            live_stdout,
            arguments,
            peak_heap: reply.as_ref().and_then(Reply::peak_heap),
            host: reply.as_ref().and_then(|it| it.host(usage)),
            run: usage,
            compile: compiled.usage,
            ..Outcome::new(ending)
        })
    }
}

/// Puts the input where the child finds it. A file, as in `vera run < FILE`: a
/// pipe would need someone to fill it while the program runs.
pub(super) fn write_input(out: &Path, input: &str) -> Result<Option<PathBuf>, Stop> {
    if input.is_empty() {
        return Ok(None);
    }
    let file = out.join("stdin");
    fs::write(&file, input).map_err(Stop::files("writing the input of a run"))?;
    Ok(Some(file))
}

fn over_output(budget: Budget) -> Ending {
    Ending::OverOutput {
        limit: budget.output,
        doing: Doing::Running,
    }
}

impl Reply {
    fn ending(&self, budget: Budget) -> Ending {
        match &self.ending {
            ReplyEnding::Returned { value, exit_code } => Ending::Returned {
                value: match value {
                    ReplyValue::Unit => Value::Unit,
                    ReplyValue::Int(n) => Value::Int(*n),
                    ReplyValue::Float(text) => Value::Float(text.parse().unwrap_or(f64::NAN)),
                    ReplyValue::Text(text) => Value::Text(text.clone()),
                },
                exit_code: *exit_code,
            },
            ReplyEnding::Trapped {
                kind,
                message,
                frames,
            } => Ending::Trapped(Trap {
                kind: kind.clone(),
                message: message.clone(),
                frames: frames.clone(),
            }),
            ReplyEnding::InvalidModule { message } => Ending::invalid_module(message),
            ReplyEnding::Crashed { message } => Ending::crashed(message, Doing::Running),
            ReplyEnding::Unsupported { message } => Ending::Unsupported {
                message: message.clone(),
            },
            ReplyEnding::OverOutput => over_output(budget),
        }
    }

    /// What was left to the host by a program that returned.
    fn host(&self, usage: Usage) -> Option<HostUse> {
        Some(HostUse {
            stores: self.stores,
            memory: Bytes(usage.peak_memory.0.saturating_sub(self.before?)),
        })
    }

    fn peak_heap(&self) -> Option<Bytes> {
        self.peak_heap.map(Bytes)
    }
}
