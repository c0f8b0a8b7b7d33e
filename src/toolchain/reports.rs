//! What a worker reports, and who is told.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

/// A report of the worker.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Report {
    Ready {
        #[serde(rename = "ready")]
        _ready: bool,
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

/// Who waits for reports of which job; `None` once the worker is gone.
pub type Waiting = Arc<Mutex<Option<HashMap<u64, Sender<Report>>>>>;

/// Hands each report to whoever waits for it, until the worker is gone.
pub fn deliver(
    reports: impl BufRead,
    ready: &Sender<()>,
    waiting: &Waiting,
    failure: &Mutex<Option<String>>,
) {
    for line in reports.lines().map_while(Result::ok) {
        let Ok(report) = serde_json::from_str::<Report>(&line) else {
            break;
        };
        let id = match &report {
            Report::Ready { .. } => {
                // Whoever started the worker may have given up waiting.
                let _ = ready.send(());
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

/// A lock whose holder panicked still guards data that is whole: each critical
/// section here is one assignment or one call.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
