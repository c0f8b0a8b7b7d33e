//! The workers of a toolchain: a job in, its end and what it used out.
//!
//! The worker (`worker.py`) imports Vera once and forks a child for each job,
//! so that a job costs milliseconds and nothing that it does can reach the next
//! one. This side decides: it watches time, memory and output of each child,
//! ends the child's whole group when a budget is spent, and starts another
//! worker when one dies.

use std::fmt::Display;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::cache::Cache;
use super::error::ToolchainError;
use super::installation::Toolchain;
pub use super::job::Job;
use super::process::Worker;
use super::python::{self, last_line};
use super::reports::lock;
use super::trial;
use super::watch::ChildEnd;
use crate::case::{Budget, Usage};
use crate::interrupt::Interrupt;

/// The worker's program.
const SOURCE: &str = include_str!("worker.py");
/// The part of it that makes modules of programs.
pub const COMPILING: &str = include_str!("vera_stress_worker/compiling.py");

/// The package that lies beside the worker's program, which has its parts.
const PACKAGE: &str = "vera_stress_worker";
const PARTS: [(&str, &str); 8] = [
    (
        "__init__.py",
        include_str!("vera_stress_worker/__init__.py"),
    ),
    ("compiling.py", COMPILING),
    (
        "confined.py",
        include_str!("vera_stress_worker/confined.py"),
    ),
    (
        "emission.py",
        include_str!("vera_stress_worker/emission.py"),
    ),
    (
        "language.py",
        include_str!("vera_stress_worker/language.py"),
    ),
    ("replies.py", include_str!("vera_stress_worker/replies.py")),
    ("running.py", include_str!("vera_stress_worker/running.py")),
    ("tree.py", include_str!("vera_stress_worker/tree.py")),
];

/// How many times a worker that died is started again in one run.
const RESTARTS: u64 = 20;

/// One worker with everything that is needed to start another.
pub struct Workers {
    toolchain: Toolchain,
    scratch: PathBuf,
    script: PathBuf,
    log: PathBuf,
    bytecode: PathBuf,
    tables: PathBuf,
    /// Is there once this Vera was seen to work.
    works: PathBuf,
    jobs: AtomicU64,
    starts: AtomicU64,
    current: Mutex<Option<Arc<Worker>>>,
}

impl Workers {
    /// Workers of `toolchain` that keep their files in `scratch`. None is
    /// started before the first job.
    pub fn new(toolchain: Toolchain, cache: &Cache, scratch: &Path) -> std::io::Result<Workers> {
        let script = scratch.join("worker.py");
        fs::write(&script, SOURCE)?;
        let package = scratch.join(PACKAGE);
        fs::create_dir_all(&package)?;
        let mut whole = SOURCE.to_owned();
        for (name, text) in PARTS {
            fs::write(package.join(name), text)?;
            whole.push_str(text);
        }
        Ok(Workers {
            tables: cache.parser_tables(&toolchain),
            works: cache.trial_of(&toolchain, &whole),
            scratch: scratch.to_owned(),
            bytecode: cache.bytecode_of(&toolchain),
            log: scratch.join("worker.log"),
            toolchain,
            script,
            jobs: AtomicU64::new(0),
            starts: AtomicU64::new(0),
            current: Mutex::new(None),
        })
    }

    /// Where they keep their files.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The toolchain that the workers import.
    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Does one job within `budget`, its files in `out`.
    ///
    /// A worker that dies under a job is replaced and the job is done again; a
    /// job under which two workers die has failed.
    pub fn run(
        &self,
        job: &Job,
        budget: Budget,
        out: &Path,
        interrupt: &Interrupt,
    ) -> Result<(ChildEnd, Usage), ToolchainError> {
        for _ in 0..2 {
            let worker = self.get(interrupt)?;
            let id = self.jobs.fetch_add(1, Ordering::Relaxed);
            if let Some(result) = worker.run(id, job, budget, out, interrupt) {
                return Ok(result);
            }
            if let Some(why) = worker.failure() {
                return Err(self.error(why));
            }
            self.forget(&worker);
        }
        let why = "the worker process was killed twice while it held this case".to_owned();
        Ok((ChildEnd::Died(why), Usage::default()))
    }

    /// Starts the worker now, so that importing Vera overlaps with other work.
    pub fn start(&self, interrupt: &Interrupt) -> Result<(), ToolchainError> {
        self.get(interrupt).map(|_| ())
    }

    /// Starts the worker unless this Vera was seen to work before.
    pub fn see_that_it_works(&self, interrupt: &Interrupt) -> Result<(), ToolchainError> {
        match self.works.is_file() {
            true => Ok(()),
            false => self.start(interrupt),
        }
    }

    fn get(&self, interrupt: &Interrupt) -> Result<Arc<Worker>, ToolchainError> {
        let mut current = lock(&self.current);
        if let Some(worker) = current.as_ref().filter(|worker| worker.is_alive()) {
            return Ok(worker.clone());
        }
        if self.starts.fetch_add(1, Ordering::Relaxed) > RESTARTS {
            return Err(self.error("keeps dying"));
        }
        let worker = Worker::start(self.command(), &self.log).map_err(|what| self.error(what))?;
        let worker = Arc::new(worker);
        self.try_out(&worker, interrupt)?;
        *current = Some(worker.clone());
        Ok(worker)
    }

    /// Sees that a Vera can do anything at all, before every case says of itself that
    /// it cannot. Once for each content of its files.
    fn try_out(&self, worker: &Worker, interrupt: &Interrupt) -> Result<(), ToolchainError> {
        if self.works.is_file() {
            return Ok(());
        }
        let job = |job: &Job, budget: Budget, out: &Path| {
            let id = self.jobs.fetch_add(1, Ordering::Relaxed);
            match worker.run(id, job, budget, out, interrupt) {
                Some((end, _)) => Ok(end),
                None => Err(self.error(
                    worker
                        .failure()
                        .as_deref()
                        .unwrap_or("died at its first job"),
                )),
            }
        };
        trial::try_out(&self.scratch, &self.toolchain.describe(), job)?;
        if !interrupt.is_set() {
            // A cache that takes nothing costs time only.
            let _ = self.works.parent().map(fs::create_dir_all);
            let _ = fs::write(&self.works, "");
        }
        Ok(())
    }

    fn forget(&self, worker: &Arc<Worker>) {
        let mut current = lock(&self.current);
        if current.as_ref().is_some_and(|now| Arc::ptr_eq(now, worker)) {
            *current = None;
        }
    }

    fn command(&self) -> Command {
        let toolchain = &self.toolchain;
        let mut command = if toolchain.owned || toolchain.package.is_some() {
            python::plain(&toolchain.python)
        } else {
            // Somebody's own interpreter may find Vera through its variables.
            Command::new(&toolchain.python)
        };
        for (name, _) in std::env::vars_os() {
            // A switch of Vera's that is set in this shell would change lanes.
            if name.to_string_lossy().starts_with("VERA_") {
                command.env_remove(name);
            }
        }
        command
            // Ctrl-C is ours to understand.
            .process_group(0)
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONSAFEPATH", "1")
            .env("PYTHONUTF8", "1");
        if !toolchain.owned {
            command.env("PYTHONPYCACHEPREFIX", &self.bytecode);
        }
        command.arg(&self.script);
        command.arg(toolchain.package.as_deref().unwrap_or(Path::new("-")));
        command.arg(&self.tables);
        command
    }

    fn error(&self, what: impl Display) -> ToolchainError {
        let log = fs::read(&self.log).unwrap_or_default();
        ToolchainError::Unusable(format!(
            "the worker process of {} {what}\n     its last words: {}",
            self.toolchain.describe(),
            last_line(&String::from_utf8_lossy(&log))
        ))
    }
}
