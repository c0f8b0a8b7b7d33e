//! One worker process, and the children that it forks.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::Serialize;

use super::job::Job;
use super::reports::{Report, Waiting, deliver, lock};
use super::watch::{ChildEnd, Watched, ended_by_itself, spent};
use crate::case::{Budget, Bytes, Problem, Usage};
use crate::interrupt::Interrupt;

/// How often a running child is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long the worker may take to import Vera, or to answer anything else. A busy
/// machine makes it wait, and one that has ended is seen at once: this is for one
/// that hangs.
const ANSWER: Duration = Duration::from_mins(10);

/// One worker process.
pub struct Worker {
    process: Mutex<Child>,
    requests: Mutex<ChildStdin>,
    /// Who waits for reports of which job; `None` once the worker is gone.
    waiting: Waiting,
    /// Why this Vera cannot be used, where that showed only later.
    failure: Arc<Mutex<Option<String>>>,
}

impl Worker {
    /// Starts a worker; the error says what it does instead of working.
    pub fn start(mut command: Command, log: &Path) -> Result<Worker, Problem> {
        let log = File::create(log).map_err(|why| Problem::new(format!("has no log: {why}")))?;
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|why| Problem::new(format!("does not start: {why}")))?;
        let requests = process.stdin.take().expect("the standard input is piped");
        let reports = process.stdout.take().expect("the standard output is piped");
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let failure = Arc::new(Mutex::new(None));
        let (ready, is_ready) = channel();
        let (to_whom, why) = (waiting.clone(), failure.clone());
        std::thread::spawn(move || {
            deliver(BufReader::new(reports), &ready, &to_whom, &why);
        });
        let worker = Worker {
            process: Mutex::new(process),
            requests: Mutex::new(requests),
            waiting,
            failure,
        };
        match is_ready.recv_timeout(ANSWER) {
            Ok(()) => Ok(worker),
            Err(RecvTimeoutError::Disconnected) => {
                let why = worker.failure();
                Err(Problem::new(why.unwrap_or("ended at its start".to_owned())))
            }
            Err(RecvTimeoutError::Timeout) => Err(Problem::new(format!(
                "did not import Vera within {} seconds",
                ANSWER.as_secs()
            ))),
        }
    }

    /// Why this Vera cannot be used, where that is what ended the worker.
    pub fn failure(&self) -> Option<String> {
        lock(&self.failure)
            .as_ref()
            .map(|why| format!("cannot import Vera: {why}"))
    }

    /// Whether it still takes jobs.
    pub fn is_alive(&self) -> bool {
        lock(&self.waiting).is_some()
    }

    /// Does one job; `None` when the worker died under it.
    pub fn run(
        &self,
        id: u64,
        job: &Job,
        budget: Budget,
        out: &Path,
        interrupt: &Interrupt,
    ) -> Option<(ChildEnd, Usage)> {
        let (sender, reports) = channel();
        lock(&self.waiting).as_mut()?.insert(id, sender);
        self.request(&JobRequest {
            id,
            job,
            out,
            output: budget.output,
        })?;
        let pid = match reports.recv_timeout(ANSWER) {
            Ok(Report::Started { pid, .. }) => Pid::from_raw(pid)?,
            Ok(Report::Refused { why, .. }) => {
                return Some((
                    ChildEnd::Died(format!("no process could be forked: {why}")),
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
    ) -> Option<(ChildEnd, Usage)> {
        let mut watched = Watched::of(pid);
        let mut ending: Option<(ChildEnd, Instant)> = None;
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
                    } else if let Some(end) = spent(watched.now(), out, budget, interrupt) {
                        self.send(&format!("{{\"kill\": {id}}}\n"))?;
                        ending = Some((end, Instant::now()));
                    }
                }
            }
        }
    }

    fn request(&self, request: &JobRequest<'_>) -> Option<()> {
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
struct JobRequest<'a> {
    id: u64,
    #[serde(flatten)]
    job: &'a Job,
    out: &'a Path,
    output: Bytes,
}

fn end_group(pid: Pid) {
    // The group exists once the child has made it; the child alone before.
    let _ = kill_process_group(pid, Signal::KILL);
    let _ = kill_process(pid, Signal::KILL);
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
