//! What a person sees while something is under way: lines as they come, and
//! below them a bar with what is running.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Lines on standard output, with a bar below them on a terminal.
pub struct Progress {
    bar: ProgressBar,
    running: Mutex<BTreeSet<String>>,
}

impl Progress {
    /// For so many things to be done.
    pub fn new(things: usize) -> Progress {
        let target = if stderr().is_terminal() && stdout().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(things as u64), target);
        let look = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {wide_msg}")
            .expect("the template is valid");
        bar.set_style(look);
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress {
            bar,
            running: Mutex::default(),
        }
    }

    /// Something starts.
    pub fn started(&self, name: &str) {
        self.now_running(|running| {
            running.insert(name.to_owned());
        });
    }

    /// It has ended.
    pub fn ended(&self, name: &str) {
        self.now_running(|running| {
            running.remove(name);
        });
        self.bar.inc(1);
    }

    /// What goes on beside them.
    pub fn doing(&self, what: String) {
        self.bar.set_message(what);
    }

    /// All have ended.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// A line, or several.
    pub fn line(&self, text: &str) {
        // Whoever closed our standard output wants no more lines.
        self.bar.suspend(|| {
            let _ = writeln!(stdout().lock(), "{text}");
        });
    }

    fn now_running(&self, change: impl FnOnce(&mut BTreeSet<String>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        let names: Vec<&str> = running.iter().map(String::as_str).collect();
        self.bar.set_message(names.join(", "));
    }
}
