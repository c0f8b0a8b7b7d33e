//! Compiling a program, and the cache of what was compiled.
//!
//! A module is cached under a hash of everything that decides it: the sources,
//! what the compiler reads from its environment, and the toolchain's
//! fingerprint. Entries are written beside the cache and moved into place, so a
//! reader sees a whole entry or none; one that does not match its own hashes is
//! dropped and made again.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

pub use super::about::{About, SourcePlace};
use super::cache::Cache;
use super::installation::Toolchain;
use super::job::Job;
use super::modules::{ENTRY, keep, verified};
pub use super::modules::{MODULE, PROGRAM};
pub use super::stop::Stop;
use super::watch::ChildEnd;
use super::worker::{COMPILING, Workers};
use crate::case::{Budget, Doing, Ending, Lane, Sources, Usage};
use crate::interrupt::Interrupt;

/// A compiled program.
#[derive(Debug)]
pub struct Compiled {
    /// The folder with [`PROGRAM`] and [`MODULE`].
    pub folder: PathBuf,
    /// What compiling used; `None` when it came from the cache.
    pub usage: Option<Usage>,
    /// What compiling it took, then or now; `None` where the cache does not say.
    pub cost: Option<Usage>,
    /// What is known of it beside the module.
    pub about: About,
    /// Keeps the folder alive where the cache could not take it.
    _uncached: Option<TempDir>,
}

/// What a compiling child replies.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CompileReply {
    Compiled(About),
    Ending(Ending),
}

/// Compiles programs with one toolchain.
pub struct Compiler {
    modules: PathBuf,
    scratch: PathBuf,
    /// How compiling ended that made nothing, by where its module would have been: it
    /// ends so again, and may take its whole budget each time.
    failed: Mutex<HashMap<PathBuf, CompileFailure>>,
}

/// How compiling ended that made nothing.
#[derive(Clone)]
struct CompileFailure {
    ending: Ending,
    usage: Usage,
    /// The budget of time that it had.
    time: Duration,
}

impl Compiler {
    /// A compiler that keeps modules in `cache` and its own files in `scratch`.
    pub fn new(cache: &Cache, scratch: &Path) -> Compiler {
        Compiler {
            modules: cache.modules(),
            scratch: scratch.to_owned(),
            failed: Mutex::default(),
        }
    }

    /// Whether the module of a program is in the cache. It may still turn out not
    /// to be whole.
    pub fn has(&self, toolchain: &Toolchain, sources: &Sources, lane: Lane) -> bool {
        self.entry_for(toolchain, sources, lane)
            .join(ENTRY)
            .is_file()
    }

    /// The module of a program for a lane; or how compiling it ended instead,
    /// with what that used.
    pub fn compile(
        &self,
        workers: &Workers,
        sources: &Sources,
        lane: Lane,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Result<Compiled, (Ending, Usage)>, Stop> {
        let entry = self.entry_for(workers.toolchain(), sources, lane);
        if let Some((about, cost)) = verified(&entry) {
            return Ok(Ok(Compiled {
                folder: entry,
                usage: None,
                cost,
                about,
                _uncached: None,
            }));
        }
        let failed = || (self.failed.lock()).unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = failed().get(&entry).cloned()
            && (budget.time <= failure.time || !failure.ending.is_over(Doing::Compiling))
        {
            return Ok(Err((failure.ending, failure.usage)));
        }
        let (out, usage, about) = match self.anew(workers, sources, lane, budget, interrupt)? {
            (out, usage, CompileReply::Compiled(about)) => (out, usage, about),
            (_, usage, CompileReply::Ending(ending)) => {
                let failure = CompileFailure {
                    ending: ending.clone(),
                    usage,
                    time: budget.time,
                };
                failed().insert(entry, failure);
                return Ok(Err((ending, usage)));
            }
        };
        // What an edited checkout compiled belongs to no fingerprint.
        let kept = workers.toolchain().is_unchanged()
            && keep(out.path(), &self.modules, &entry, &about, usage).is_ok();
        Ok(Ok(Compiled {
            folder: if kept { entry } else { out.path().to_owned() },
            usage: Some(usage),
            cost: Some(usage),
            about,
            _uncached: Some(out).filter(|_| !kept),
        }))
    }

    /// What compiling a program takes, whether it is in the cache or not; `None`
    /// where it does not compile.
    pub fn cost(
        &self,
        workers: &Workers,
        sources: &Sources,
        lane: Lane,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Option<Usage>, Stop> {
        let (_, usage, reply) = self.anew(workers, sources, lane, budget, interrupt)?;
        let compiled = matches!(reply, CompileReply::Compiled(_));
        Ok(Some(usage).filter(|_| compiled))
    }

    /// Has a worker compile a program: the folder of what it made, what that used,
    /// and how it ended.
    fn anew(
        &self,
        workers: &Workers,
        sources: &Sources,
        lane: Lane,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<(TempDir, Usage, CompileReply), Stop> {
        let (source, out) = (self.folder()?, self.folder()?);
        lay_out(sources, source.path())?;
        let job = Job::Compile {
            source: source.path().to_owned(),
            main: sources.main.clone(),
            eager: is_eager(lane),
        };
        let (end, usage) = workers.run(&job, budget, out.path(), interrupt)?;
        let reply = compiled_or_ended(end, budget, out.path())?;
        Ok((out, usage, reply))
    }

    fn entry_for(&self, toolchain: &Toolchain, sources: &Sources, lane: Lane) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        // What the worker writes down is read by the same worker only.
        hasher.update(COMPILING.as_bytes());
        hasher.update(toolchain.fingerprint.as_bytes());
        hasher.update(if is_eager(lane) {
            b"eager\0\0"
        } else {
            b"shipped"
        });
        for (name, text) in [(&sources.main, &String::new())]
            .into_iter()
            .chain(&sources.files)
        {
            for part in [name, text] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        let key = hasher.finalize().to_hex();
        self.modules.join(&key[..2]).join(&key[2..])
    }

    fn folder(&self) -> Result<TempDir, Stop> {
        tempfile::tempdir_in(&self.scratch).map_err(Stop::files("making a folder for a compile"))
    }
}

/// Whether the compiler puts a collection into every allocation: the native
/// engine collects by its own schedule, in the module as shipped.
fn is_eager(lane: Lane) -> bool {
    lane == Lane::REFERENCE_EAGER
}

/// What a child that compiled has to say.
fn compiled_or_ended(end: ChildEnd, budget: Budget, out: &Path) -> Result<CompileReply, Stop> {
    if end == ChildEnd::Replied
        && let Some(reply) = read_reply(out)
    {
        return Ok(reply);
    }
    ending(end, budget, Doing::Compiling).map(CompileReply::Ending)
}

/// The reply that a child left, if it is whole.
pub fn read_reply<T: serde::de::DeserializeOwned>(out: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(out.join("reply.json")).ok()?).ok()
}

/// How a case ended whose child did not reply.
pub fn ending(end: ChildEnd, budget: Budget, doing: Doing) -> Result<Ending, Stop> {
    Ok(match end {
        ChildEnd::Interrupted => return Err(Stop::Interrupted),
        ChildEnd::OverTime(clock) => budget.over_time(clock, doing),
        ChildEnd::OverMemory(seen) => Ending::OverMemory {
            limit: budget.memory,
            seen,
            doing,
        },
        ChildEnd::OverOutput => Ending::OverOutput {
            limit: budget.output,
            doing,
        },
        ChildEnd::Died(message) => Ending::crashed(message, doing),
        ChildEnd::Replied => Ending::crashed("the process ended without a result", doing),
    })
}

/// Writes the files of a program into a folder.
pub fn lay_out(sources: &Sources, folder: &Path) -> Result<(), Stop> {
    let mut files = sources.files.iter();
    files.try_for_each(|(name, text)| write(&folder.join(name), text.as_bytes()))
}

fn write(file: &Path, content: &[u8]) -> Result<(), Stop> {
    let make = || {
        fs::create_dir_all(file.parent().expect("a source file has a folder above it"))?;
        fs::write(file, content)
    };
    make().map_err(Stop::files(format!("writing {}", file.display())))
}
