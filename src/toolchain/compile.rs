//! Compiling a program, and the cache of what was compiled.
//!
//! A module is cached under a hash of everything that decides it: the sources,
//! what the compiler reads from its environment, and the toolchain's
//! fingerprint. Entries are written beside the cache and moved into place, so a
//! reader sees a whole entry or none; one that does not match its own hashes is
//! dropped and made again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

pub use super::about::{About, Place};
use super::cache::Cache;
use super::watch::End;
use super::worker::{Job, SOURCE, Workers};
use super::{Toolchain, ToolchainError};
use crate::case::{Budget, Doing, Ending, Lane, Sources, Usage};
use crate::interrupt::Interrupt;

const ENTRY: &str = "entry.json";
/// The compiled program as Vera's own runtime takes it, with everything that
/// `vera run` would pass along.
pub const PROGRAM: &str = "result.pickle";
/// The WebAssembly module alone.
pub const MODULE: &str = "module.wasm";

/// Why a case came to no outcome; nothing that the program did.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The user, or the system, asked the run to end.
    #[error("the run was interrupted")]
    Interrupted,
    /// There is no toolchain any more.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// The module is Vera's, and an engine does not know its runtime: a run of it
    /// would look as if it counted and collected, and would do neither.
    #[error("{0}")]
    UnknownRuntime(String),
    /// A file of the run's own could not be written or read.
    #[error(
        "{what}: {why}\n     next: free some space in the temporary directory, or name another one in TMPDIR"
    )]
    Files {
        /// What was being done.
        what: String,
        /// What the operating system said.
        why: io::Error,
    },
}

impl Stop {
    /// An operating-system error while doing `what`.
    pub fn files(what: impl Into<String>) -> impl FnOnce(io::Error) -> Stop {
        let what = what.into();
        move |why| Stop::Files { what, why }
    }
}

/// A compiled program.
#[derive(Debug)]
pub struct Compiled {
    /// The folder with [`PROGRAM`] and [`MODULE`].
    pub folder: PathBuf,
    /// What compiling used; `None` when it came from the cache.
    pub usage: Option<Usage>,
    /// What is known of it beside the module.
    pub about: About,
    /// Keeps the folder alive where the cache could not take it.
    _uncached: Option<TempDir>,
}

/// What stands beside a cached module.
#[derive(Deserialize, Serialize)]
struct Entry {
    about: About,
    program: String,
    module: String,
}

/// What a compiling child replies.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reply {
    Compiled(About),
    Ending(Ending),
}

/// Compiles programs with one toolchain.
pub struct Compiler {
    modules: PathBuf,
    scratch: PathBuf,
}

impl Compiler {
    /// A compiler that keeps modules in `cache` and its own files in `scratch`.
    pub fn new(cache: &Cache, scratch: &Path) -> Compiler {
        Compiler {
            modules: cache.modules(),
            scratch: scratch.to_owned(),
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
        if let Some(about) = verified(&entry) {
            return Ok(Ok(Compiled {
                folder: entry,
                usage: None,
                about,
                _uncached: None,
            }));
        }
        let (source, out) = (self.folder()?, self.folder()?);
        for (name, text) in &sources.0 {
            write(&source.path().join(name), text.as_bytes())?;
        }
        let job = Job::Compile {
            source: source.path().to_owned(),
            eager: is_eager(lane),
        };
        let (end, usage) = workers.run(&job, budget, out.path(), interrupt)?;
        let about = match compiled_or_ended(end, budget, out.path())? {
            Reply::Compiled(about) => about,
            Reply::Ending(ending) => return Ok(Err((ending, usage))),
        };
        // What an edited checkout compiled belongs to no fingerprint.
        let kept = workers.toolchain().is_unchanged()
            && keep(out.path(), &self.modules, &entry, &about).is_ok();
        Ok(Ok(Compiled {
            folder: if kept { entry } else { out.path().to_owned() },
            usage: Some(usage),
            about,
            _uncached: Some(out).filter(|_| !kept),
        }))
    }

    fn entry_for(&self, toolchain: &Toolchain, sources: &Sources, lane: Lane) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        // What the worker writes down is read by the same worker only.
        hasher.update(SOURCE.as_bytes());
        hasher.update(toolchain.fingerprint.as_bytes());
        hasher.update(if is_eager(lane) {
            b"eager\0\0"
        } else {
            b"shipped"
        });
        for (name, text) in &sources.0 {
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
fn compiled_or_ended(end: End, budget: Budget, out: &Path) -> Result<Reply, Stop> {
    if end == End::Replied
        && let Some(reply) = read_reply(out)
    {
        return Ok(reply);
    }
    ending(end, budget, Doing::Compiling).map(Reply::Ending)
}

/// The reply that a child left, if it is whole.
pub fn read_reply<T: serde::de::DeserializeOwned>(out: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(out.join("reply.json")).ok()?).ok()
}

/// How a case ended whose child did not reply.
pub fn ending(end: End, budget: Budget, doing: Doing) -> Result<Ending, Stop> {
    Ok(match end {
        End::Interrupted => return Err(Stop::Interrupted),
        End::OverTime => Ending::OverTime {
            limit: budget.wall,
            doing,
        },
        End::OverMemory(seen) => Ending::OverMemory {
            limit: budget.memory,
            seen,
            doing,
        },
        End::OverOutput => Ending::OverOutput {
            limit: budget.output,
            doing,
        },
        End::Died(message) => Ending::Crashed { message, doing },
        End::Replied => Ending::Crashed {
            message: "the process ended without a result".to_owned(),
            doing,
        },
    })
}

/// Copies what was compiled into the cache, beside its place first and then into
/// it. An error is a cache that is full or read-only, or another run that was
/// quicker: what was compiled is good all the same.
fn keep(out: &Path, modules: &Path, entry: &Path, about: &About) -> io::Result<()> {
    fs::create_dir_all(entry.parent().expect("an entry has a folder above it"))?;
    let new = tempfile::Builder::new()
        .prefix(".new-")
        .tempdir_in(modules)?;
    for file in [PROGRAM, MODULE] {
        fs::copy(out.join(file), new.path().join(file))?;
    }
    let entry_file = Entry {
        about: about.clone(),
        program: hash_of(&out.join(PROGRAM))?,
        module: hash_of(&out.join(MODULE))?,
    };
    let text = serde_json::to_vec(&entry_file).expect("an entry is plain data");
    fs::write(new.path().join(ENTRY), text)?;
    fs::rename(new.path(), entry)?;
    // The folder has moved: there is nothing left to remove.
    let _ = new.keep();
    Ok(())
}

/// What is known of a cache entry that is there and whole. A broken one is
/// removed, so that the next compile can take its place.
fn verified(entry: &Path) -> Option<About> {
    if !entry.exists() {
        return None;
    }
    let check = || -> Option<About> {
        let text = fs::read(entry.join(ENTRY)).ok()?;
        let entry_file: Entry = serde_json::from_slice(&text).ok()?;
        let whole = |file: &str, hash: &str| hash_of(&entry.join(file)).is_ok_and(|it| it == hash);
        (whole(PROGRAM, &entry_file.program) && whole(MODULE, &entry_file.module))
            .then_some(entry_file.about)
    };
    let about = check();
    if about.is_none() {
        // A cache that cannot be written keeps its broken entry, which is then
        // passed over each time.
        let _ = fs::remove_dir_all(entry);
    }
    about
}

fn hash_of(file: &Path) -> io::Result<String> {
    Ok(blake3::hash(&fs::read(file)?).to_hex().to_string())
}

fn write(file: &Path, content: &[u8]) -> Result<(), Stop> {
    let make = || {
        fs::create_dir_all(file.parent().expect("a source file has a folder above it"))?;
        fs::write(file, content)
    };
    make().map_err(Stop::files(format!("writing {}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        let place = Place {
            file: "main.vera".to_owned(),
            line: 7,
        };
        About {
            exports: vec!["main".to_owned()],
            parameters: vec!["i64".to_owned()],
            returns_text: true,
            functions: [("main".to_owned(), place)].into(),
            builtin: ["option_map".to_owned()].into(),
            display: [("a$b".to_owned(), "b".to_owned())].into(),
        }
    }

    fn compiled_folder() -> TempDir {
        let out = tempfile::tempdir().unwrap();
        fs::write(out.path().join(PROGRAM), "p").unwrap();
        fs::write(out.path().join(MODULE), "m").unwrap();
        out
    }

    #[test]
    fn an_entry_is_found_again_and_a_corrupted_one_is_dropped() {
        let cache = tempfile::tempdir().unwrap();
        let entry = cache.path().join("ab/cdef");
        assert!(verified(&entry).is_none());
        let out = compiled_folder();
        keep(out.path(), cache.path(), &entry, &about()).unwrap();
        assert_eq!(verified(&entry), Some(about()));

        fs::write(entry.join(PROGRAM), "q").unwrap();
        assert!(verified(&entry).is_none());
        assert!(!entry.exists(), "the corrupted entry must be gone");
        keep(out.path(), cache.path(), &entry, &about()).unwrap();
        assert!(verified(&entry).is_some());
    }
}
