//! Watching a child: what it has used so far, and whether that is too much.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use crate::case::{Budget, Bytes, Clock, Usage};
use crate::interrupt::Interrupt;

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildEnd {
    /// It exited by itself, and its reply should be there.
    Replied,
    /// It used up its budget of time.
    OverTime(Clock),
    /// It used more memory than its budget; the most that was seen.
    OverMemory(Bytes),
    /// It printed more than its budget.
    OverOutput,
    /// It died: a signal, or an exit without a reply.
    Died(String),
    /// The run was interrupted.
    Interrupted,
}

/// How a child ended that nobody ended: what it did between two looks counts.
pub fn ended_by_itself(
    exit: Option<i32>,
    signal: Option<i32>,
    budget: Budget,
    usage: Usage,
    out: &Path,
) -> ChildEnd {
    if usage.peak_memory > budget.memory {
        return ChildEnd::OverMemory(usage.peak_memory);
    }
    if output_of(out) > budget.output {
        return ChildEnd::OverOutput;
    }
    if usage.cpu > budget.time {
        return ChildEnd::OverTime(Clock::Processor);
    }
    match (exit, signal) {
        (Some(0), _) => ChildEnd::Replied,
        (_, Some(signal)) => ChildEnd::Died(format!("killed by signal {}", signal_name(signal))),
        (exit, None) => ChildEnd::Died(format!("exited with status {}", exit.unwrap_or(-1))),
    }
}

/// Which budget is spent, if one is; or the interruption.
pub fn spent(used: Usage, out: &Path, budget: Budget, interrupt: &Interrupt) -> Option<ChildEnd> {
    if interrupt.is_set() {
        Some(ChildEnd::Interrupted)
    } else if used.cpu > budget.time {
        Some(ChildEnd::OverTime(Clock::Processor))
    } else if used.wall > budget.wall {
        Some(ChildEnd::OverTime(Clock::Wall))
    } else if used.peak_memory > budget.memory {
        Some(ChildEnd::OverMemory(used.peak_memory))
    } else if output_of(out) > budget.output {
        Some(ChildEnd::OverOutput)
    } else {
        None
    }
}

/// What a child has printed so far.
fn output_of(out: &Path) -> Bytes {
    let size = |name| fs::metadata(out.join(name)).map_or(0, |about| about.len());
    Bytes(size("stdout") + size("stderr"))
}

/// One process, as the system sees it while it runs.
pub struct Watched {
    pid: sysinfo::Pid,
    since: Instant,
    /// `None` on a system that does not tell: then only what is known at the end
    /// counts, and the wall clock.
    system: Option<System>,
}

impl Watched {
    /// The process `pid`, which has just begun.
    pub fn of(pid: Pid) -> Watched {
        Watched {
            pid: sysinfo::Pid::from(pid.as_raw_nonzero().get() as usize),
            since: Instant::now(),
            system: System::new().ok(),
        }
    }

    /// What it has used so far, with the memory that it takes now.
    pub fn now(&mut self) -> Usage {
        let used = Usage {
            wall: self.since.elapsed(),
            ..Usage::default()
        };
        let Some(system) = &mut self.system else {
            return used;
        };
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[self.pid]),
            true,
            ProcessRefreshKind::nothing().with_memory().with_cpu(),
        );
        let Some(process) = system.process(self.pid) else {
            return used;
        };
        Usage {
            cpu: Duration::from_millis(process.accumulated_cpu_time()),
            peak_memory: Bytes(process.memory()),
            ..used
        }
    }
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
