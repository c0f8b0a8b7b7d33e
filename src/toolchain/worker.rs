//! The worker process and the children that it forks, as seen from here.
//!
//! The worker (`worker.py`) imports Vera once and forks a child for each job,
//! so that a job costs milliseconds and nothing that it does can reach the next
//! one. This side decides: it watches time, memory and output of each child,
//! ends the child's whole group when a budget is spent, and starts another
//! worker when one dies.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use super::cache::Cache;
use super::{Toolchain, ToolchainError, last_line, python};
use crate::case::{Budget, Bytes, Usage, VeraVersion};
use crate::interrupt::Interrupt;

const SOURCE: &str = include_str!("worker.py");

/// How often a running child is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long the worker may take to import Vera.
const START: Duration = Duration::from_secs(120);
/// How long the worker may take to answer anything else.
const ANSWER: Duration = Duration::from_secs(20);
/// How many times a worker that died is started again in one run.
const RESTARTS: u64 = 20;

/// What a child is to do.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Job {
    /// Compile `main.vera` in a folder.
    Compile {
        /// The folder.
        source: PathBuf,
        /// Whether to compile a collection into every allocation.
        eager: bool,
    },
    /// Run what a compile left.
    Run {
        /// The compiled program, pickled.
        module: PathBuf,
        /// The arguments of `main`.
        args: Vec<String>,
    },
}

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited by itself, and its reply should be there.
    Replied,
    /// It used up its wall-clock budget.
    OverTime,
    /// It used more memory than its budget; the most that was seen.
    OverMemory(Bytes),
    /// It printed more than its budget.
    OverOutput,
    /// It died: a signal, or an exit without a reply.
    Died(String),
    /// The run was interrupted.
    Interrupted,
}

/// One worker with everything that is needed to start another.
pub struct Workers {
    toolchain: Toolchain,
    script: PathBuf,
    log: PathBuf,
    bytecode: PathBuf,
    tables: PathBuf,
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
        Ok(Workers {
            tables: cache.parser_tables(&toolchain),
            bytecode: cache.bytecode(),
            log: scratch.join("worker.log"),
            toolchain,
            script,
            jobs: AtomicU64::new(0),
            starts: AtomicU64::new(0),
            current: Mutex::new(None),
        })
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
    ) -> Result<(End, Usage), ToolchainError> {
        for _ in 0..2 {
            let worker = self.get()?;
            let id = self.jobs.fetch_add(1, Ordering::Relaxed);
            if let Some(result) = worker.run(id, job, budget, out, interrupt) {
                return Ok(result);
            }
            if let Some(why) = lock(&worker.failure).clone() {
                return Err(self.error(unusable(why)));
            }
            self.forget(&worker);
        }
        let why = "the worker process was killed twice while it held this case".to_owned();
        Ok((End::Died(why), Usage::default()))
    }

    /// Starts the worker now, so that importing Vera overlaps with other work.
    pub fn start(&self) -> Result<VeraVersion, ToolchainError> {
        self.get().map(|worker| worker.version.clone())
    }

    fn get(&self) -> Result<Arc<Worker>, ToolchainError> {
        let mut current = lock(&self.current);
        if let Some(worker) = current.as_ref().filter(|worker| worker.is_alive()) {
            return Ok(worker.clone());
        }
        if self.starts.fetch_add(1, Ordering::Relaxed) > RESTARTS {
            return Err(self.error("keeps dying".to_owned()));
        }
        let worker = Arc::new(Worker::start(self)?);
        *current = Some(worker.clone());
        Ok(worker)
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

    fn error(&self, what: String) -> ToolchainError {
        let log = fs::read(&self.log).unwrap_or_default();
        ToolchainError::Worker {
            vera: self.toolchain.describe(),
            what,
            detail: format!(
                "its last words: {}",
                last_line(&String::from_utf8_lossy(&log))
            ),
        }
    }
}

/// A report of the worker.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Report {
    Hello {
        hello: Hello,
    },
    Failed {
        failed: String,
    },
    Started {
        started: u64,
        pid: i32,
    },
    Refused {
        refused: u64,
        why: String,
    },
    Ended {
        ended: u64,
        exit: Option<i32>,
        signal: Option<i32>,
        wall: f64,
        cpu: f64,
        memory: u64,
    },
}

#[derive(Debug, Deserialize)]
struct Hello {
    version: String,
}

type Waiting = Arc<Mutex<Option<HashMap<u64, Sender<Report>>>>>;

/// One worker process.
struct Worker {
    version: VeraVersion,
    process: Mutex<Child>,
    requests: Mutex<ChildStdin>,
    /// Who waits for reports of which job; `None` once the worker is gone.
    waiting: Waiting,
    /// Why this Vera cannot be used, where that showed only later.
    failure: Arc<Mutex<Option<String>>>,
}

impl Worker {
    fn start(workers: &Workers) -> Result<Worker, ToolchainError> {
        let failed = |what: String| workers.error(what);
        let log = File::create(&workers.log).map_err(|why| failed(format!("has no log: {why}")))?;
        let mut process = workers
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|why| failed(format!("does not start: {why}")))?;
        let requests = process.stdin.take().expect("the standard input is piped");
        let reports = process.stdout.take().expect("the standard output is piped");
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let (hello_sender, hello) = channel();
        let failure = Arc::new(Mutex::new(None));
        let (to_whom, why) = (waiting.clone(), failure.clone());
        std::thread::spawn(move || {
            deliver(BufReader::new(reports), &hello_sender, &to_whom, &why);
        });
        let mut worker = Worker {
            version: VeraVersion::new("unknown"),
            process: Mutex::new(process),
            requests: Mutex::new(requests),
            waiting,
            failure,
        };
        match hello.recv_timeout(START) {
            Ok(Report::Hello { hello }) => {
                worker.version = VeraVersion::new(&hello.version);
                Ok(worker)
            }
            Ok(_) | Err(RecvTimeoutError::Disconnected) => {
                let why = lock(&worker.failure).clone();
                Err(failed(
                    why.map_or("ended at its start".to_owned(), unusable),
                ))
            }
            Err(RecvTimeoutError::Timeout) => Err(failed(format!(
                "did not import Vera within {} seconds",
                START.as_secs()
            ))),
        }
    }

    fn is_alive(&self) -> bool {
        lock(&self.waiting).is_some()
    }

    /// Does one job; `None` when the worker died under it.
    fn run(
        &self,
        id: u64,
        job: &Job,
        budget: Budget,
        out: &Path,
        interrupt: &Interrupt,
    ) -> Option<(End, Usage)> {
        let (sender, reports) = channel();
        lock(&self.waiting).as_mut()?.insert(id, sender);
        self.request(&Request {
            id,
            job,
            out,
            output: budget.output,
        })?;
        let pid = match reports.recv_timeout(ANSWER) {
            Ok(Report::Started { pid, .. }) => Pid::from_raw(pid)?,
            Ok(Report::Refused { why, .. }) => {
                return Some((
                    End::Died(format!("no process could be forked: {why}")),
                    Usage::default(),
                ));
            }
            _ => {
                self.end();
                return None;
            }
        };
        let watched = self.watch(id, pid, budget, out, interrupt, &reports);
        if watched.is_none() {
            // Nobody is left to reap the child, so its number is still its own.
            end_group(pid);
        }
        watched
    }

    /// Waits for the end of a child, and brings it about when a budget is spent.
    fn watch(
        &self,
        id: u64,
        pid: Pid,
        budget: Budget,
        out: &Path,
        interrupt: &Interrupt,
        reports: &Receiver<Report>,
    ) -> Option<(End, Usage)> {
        let since = Instant::now();
        let mut memory = Memory::of(pid);
        let mut ending: Option<(End, Instant)> = None;
        loop {
            match reports.recv_timeout(LOOK) {
                Ok(Report::Ended {
                    exit,
                    signal,
                    wall,
                    cpu,
                    memory,
                    ..
                }) => {
                    let usage = Usage {
                        wall: seconds(wall),
                        cpu: seconds(cpu),
                        peak_memory: Bytes(memory),
                    };
                    let by_itself = || ended_by_itself(exit, signal, budget, usage, out);
                    return Some((ending.map_or_else(by_itself, |(end, _)| end), usage));
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    if let Some((_, asked)) = &ending {
                        if asked.elapsed() > ANSWER {
                            self.end();
                            return None;
                        }
                    } else if let Some(end) =
                        spent(since.elapsed(), memory.now(), out, budget, interrupt)
                    {
                        self.send(&format!("{{\"kill\": {id}}}\n"))?;
                        ending = Some((end, Instant::now()));
                    }
                }
            }
        }
    }

    fn request(&self, request: &Request<'_>) -> Option<()> {
        let mut line = serde_json::to_string(request).expect("a request is plain data");
        line.push('\n');
        self.send(&line)
    }

    fn send(&self, line: &str) -> Option<()> {
        let mut requests = lock(&self.requests);
        requests.write_all(line.as_bytes()).ok()?;
        requests.flush().ok()
    }

    fn end(&self) {
        let mut process = lock(&self.process);
        // It may have ended already, which is what is wanted.
        let _ = process.kill();
        let _ = process.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

#[derive(Serialize)]
struct Request<'a> {
    id: u64,
    #[serde(flatten)]
    job: &'a Job,
    out: &'a Path,
    output: Bytes,
}

/// What a worker does whose Vera cannot be imported.
fn unusable(why: String) -> String {
    format!("cannot import Vera: {why}")
}

/// Hands each report to whoever waits for it, until the worker is gone.
fn deliver(
    reports: impl BufRead,
    hello: &Sender<Report>,
    waiting: &Waiting,
    failure: &Mutex<Option<String>>,
) {
    for line in reports.lines().map_while(Result::ok) {
        let Ok(report) = serde_json::from_str::<Report>(&line) else {
            break;
        };
        let id = match &report {
            Report::Hello { .. } => {
                // Whoever started the worker may have given up waiting.
                let _ = hello.send(report);
                continue;
            }
            Report::Failed { failed } => {
                *lock(failure) = Some(failed.clone());
                break;
            }
            Report::Started { started: id, .. }
            | Report::Refused { refused: id, .. }
            | Report::Ended { ended: id, .. } => *id,
        };
        let last = !matches!(report, Report::Started { .. });
        let mut waiting = lock(waiting);
        if let Some(senders) = waiting.as_mut() {
            if let Some(sender) = senders.get(&id) {
                let _ = sender.send(report);
            }
            if last {
                senders.remove(&id);
            }
        }
    }
    // Dropping the senders tells everybody who still waits.
    *lock(waiting) = None;
}

fn ended_by_itself(
    exit: Option<i32>,
    signal: Option<i32>,
    budget: Budget,
    usage: Usage,
    out: &Path,
) -> End {
    // What happened between two looks counts all the same.
    if usage.peak_memory > budget.memory {
        return End::OverMemory(usage.peak_memory);
    }
    if output_of(out) > budget.output {
        return End::OverOutput;
    }
    if usage.wall > budget.wall {
        return End::OverTime;
    }
    match (exit, signal) {
        (Some(0), _) => End::Replied,
        (_, Some(signal)) => End::Died(format!("killed by signal {}", signal_name(signal))),
        (exit, None) => End::Died(format!("exited with status {}", exit.unwrap_or(-1))),
    }
}

fn spent(
    wall: Duration,
    memory: Bytes,
    out: &Path,
    budget: Budget,
    interrupt: &Interrupt,
) -> Option<End> {
    if interrupt.is_set() {
        Some(End::Interrupted)
    } else if wall > budget.wall {
        Some(End::OverTime)
    } else if memory > budget.memory {
        Some(End::OverMemory(memory))
    } else if output_of(out) > budget.output {
        Some(End::OverOutput)
    } else {
        None
    }
}

/// What a child has printed so far.
fn output_of(out: &Path) -> Bytes {
    let size = |name| fs::metadata(out.join(name)).map_or(0, |about| about.len());
    Bytes(size("stdout") + size("stderr"))
}

/// The resident memory of one process.
struct Memory {
    pid: sysinfo::Pid,
    /// `None` on a system that does not tell: then only the peak counts, once
    /// the process has ended.
    system: Option<System>,
}

impl Memory {
    fn of(pid: Pid) -> Memory {
        Memory {
            pid: sysinfo::Pid::from(pid.as_raw_nonzero().get() as usize),
            system: System::new().ok(),
        }
    }

    fn now(&mut self) -> Bytes {
        let Some(system) = &mut self.system else {
            return Bytes(0);
        };
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[self.pid]),
            true,
            ProcessRefreshKind::nothing().with_memory(),
        );
        Bytes(
            system
                .process(self.pid)
                .map_or(0, |process| process.memory()),
        )
    }
}

fn end_group(pid: Pid) {
    // The group exists once the child has made it; the child alone before.
    let _ = kill_process_group(pid, Signal::KILL);
    let _ = kill_process(pid, Signal::KILL);
}

fn signal_name(signal: i32) -> String {
    match signal {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        other => return other.to_string(),
    }
    .to_owned()
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// A lock whose holder panicked still guards data that is whole: each critical
/// section here is one assignment or one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
