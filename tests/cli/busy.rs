//! A machine that is busy with other things: no verdict depends on it.

use std::process::{Child, Command, Stdio};
use std::thread::available_parallelism;

use crate::common::Place;

/// Processes that spin, four for each core, as long as this lives.
struct Busy(Vec<Child>);

impl Busy {
    fn machine() -> Busy {
        let cores = available_parallelism().unwrap().get();
        let spinning = || {
            let mut shell = Command::new("sh");
            shell.args(["-c", "while :; do :; done"]);
            shell.stdin(Stdio::null()).spawn().unwrap()
        };
        Busy((0..4 * cores).map(|_| spinning()).collect())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for process in &mut self.0 {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

/// As many cases as there were, and none of them failed.
#[track_caller]
fn all_is_well(arguments: &[&str]) {
    let place = Place::new();
    let mut command = place.process();
    command.args(["run", "--json", "events.jsonl", "--no-history"]);
    let ran = place.ran(command.args(arguments).output().unwrap());
    let end = ran.events.last().unwrap();
    assert_eq!(end["failed"], 0, "{arguments:?}: {ran}");
    assert_eq!(end["fixed"], 0, "{arguments:?}: {ran}");
    assert_eq!(end["not_run"], 0, "{arguments:?}: {ran}");
    ran.exits(0);
}

#[test]
#[ignore = "nightly: runs everything on a machine that is kept busy"]
fn nightly_a_default_run_is_green_on_a_busy_machine() {
    let _busy = Busy::machine();
    all_is_well(&[]);
}

#[test]
#[ignore = "nightly: runs everything in lane native at several scales"]
fn nightly_every_scale_is_green() {
    for scale in ["x0.01", "x0.1", "x0.3", "x0.5", "x2"] {
        all_is_well(&["--lane", "native", "--scale", scale]);
    }
}
