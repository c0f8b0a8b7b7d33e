//! What happens when processes are killed from outside, and when a run is
//! interrupted: a case is run again or has crashed, what had finished is shown,
//! and nothing is left behind.
//!
//! Processes are found in /proc here, so this is for Linux only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use rustix::process::Signal;

use crate::common::{
    self, Place, Ran, children_of, main_of, processes_with, signal, wait_for, worker_of,
};

/// Says that it runs, and then waits.
fn patient_program() -> String {
    common::patient("wait(@String.0, @Nat.0)")
}

/// A run of a good case and of a patient one, which has started.
struct Running {
    place: Place,
    process: Child,
    worker: i32,
    /// Where the run keeps its files; no other process names it.
    scratch: PathBuf,
}

impl Running {
    fn start() -> Running {
        let place = Place::new();
        place.good();
        place
            .scenario("patient")
            .program(&patient_program())
            .tables(&format!(
                "[budget]\nwall = \"10m\"\n{}",
                common::PATIENT_FILES
            ))
            .write();
        fs::create_dir(place.path("tmp")).unwrap();
        let process = place
            .process()
            .args(place.run_args(&["good", "patient", "--lane", "reference", "--jobs", "2"]))
            .args(["--no-shrink", "--budget", "10m"])
            .env("TMPDIR", place.path("tmp"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (worker, scratch) = wait_for("the worker", || worker_of(&process));
        let running = Running {
            place,
            process,
            worker,
            scratch,
        };
        running.wait_for_the_patient_case();
        wait_for("the good case", || {
            let events = running.place.events();
            events.into_iter().find(|event| event["scenario"] == "good")
        });
        running
    }

    /// The folder in which the patient case runs.
    fn wait_for_the_patient_case(&self) -> PathBuf {
        let temporary = self.place.path("tmp");
        wait_for("the patient case", || common::patient_folder(&temporary))
    }

    fn started(&self) -> PathBuf {
        self.wait_for_the_patient_case().join("started")
    }

    fn let_go(&self) {
        fs::write(self.wait_for_the_patient_case().join("go"), "").unwrap();
    }

    /// Waits for the end, and sees that nothing is left behind.
    fn ended(self) -> Ran {
        let output = self.process.wait_with_output().unwrap();
        nothing_is_left_of(&self.scratch);
        assert!(
            !self.scratch.exists(),
            "{} is still there",
            self.scratch.display()
        );
        self.place.ran(output)
    }
}

fn nothing_is_left_of(scratch: &Path) {
    let name = scratch.to_str().unwrap();
    wait_for("the end of every process of the run", || {
        processes_with(name).is_empty().then_some(())
    });
}

#[test]
fn a_worker_that_is_killed_is_replaced_and_its_case_is_run_again() {
    let running = Running::start();
    fs::remove_file(running.started()).unwrap();
    signal(running.worker, Signal::KILL);
    running.wait_for_the_patient_case();
    let (again, _) = wait_for("the next worker", || worker_of(&running.process));
    assert_ne!(again, running.worker);
    running.let_go();
    running.ended().exits(0).passes("good").passes("patient");
}

#[test]
fn a_run_has_its_recording_to_itself_until_it_ends() {
    let running = Running::start();
    let second = || {
        let arguments = running.place.run_args(&["good", "--lane", "reference"]);
        running.place.process().args(arguments).output().unwrap()
    };
    let before = running.place.events().len();
    let refused = running.place.ran(second()).exits(2);
    let refused = refused.says(&["another vera-stress is writing to events.jsonl"]);
    assert_eq!(refused.events.len(), before, "it is as it was");
    running.let_go();
    let Running { place, process, .. } = running;
    assert!(process.wait_with_output().unwrap().status.success());
    let arguments = place.run_args(&["good", "--lane", "reference"]);
    let again = place.process().args(arguments).output().unwrap();
    place.ran(again).exits(0).passes("good");
}

#[test]
fn a_case_under_which_two_workers_are_killed_has_crashed() {
    let running = Running::start();
    fs::remove_file(running.started()).unwrap();
    signal(running.worker, Signal::KILL);
    running.wait_for_the_patient_case();
    let (again, _) = wait_for("the next worker", || worker_of(&running.process));
    signal(again, Signal::KILL);
    running.ended().exits(1).passes("good").fails(
        "patient",
        "crashed",
        "crashed while running: the worker process was killed twice while it held this case",
    );
}

#[test]
fn a_case_whose_process_is_killed_has_crashed() {
    let running = Running::start();
    let children = children_of(running.worker);
    assert_eq!(children.len(), 1, "only the patient case still runs");
    signal(children[0], Signal::KILL);
    running.ended().exits(1).passes("good").fails(
        "patient",
        "crashed",
        "patient [reference] n=10: crashed while running: killed by signal SIGKILL",
    );
}

#[test]
fn an_interrupted_run_shows_and_writes_what_had_finished() {
    for ask in [Signal::INT, Signal::TERM] {
        let running = Running::start();
        signal(running.process.id() as i32, ask);
        let ran = running.ended().exits(130).passes("good").fails(
            "patient",
            "not-run",
            "the run was interrupted",
        );
        assert!(ran.stdout.contains("pass  good [reference] n=100"), "{ran}");
        assert!(
            ran.stdout
                .contains("2 cases: 1 passed, 0 failed, 1 not run"),
            "{ran}"
        );
        let last = ran.events.last().unwrap();
        assert_eq!(
            (&last["event"], &last["interrupted"]),
            (&"run-finished".into(), &true.into())
        );
    }
}

#[test]
fn an_interrupted_search_leaves_the_failure_that_it_was_for() {
    let place = Place::new();
    // Wrong at its own n, and waiting for ever at any other.
    let body = "if @Nat.0 == 10 then { 11 } else { wait(\".\", @Nat.0) }";
    let program = patient_program();
    let program = program.split("public").next().unwrap();
    let program = format!("{program}{}", main_of("@Nat", "<IO, Diverge>", body));
    let budget = "[budget]\nwall = \"10m\"";
    place
        .scenario("wrong")
        .program(&program)
        .tables(budget)
        .write();
    let process = place
        .process()
        .args(place.run_args(&["wrong", "--lane", "reference", "--budget", "10m"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (worker, scratch) = wait_for("the worker", || worker_of(&process));
    wait_for("the failure", || place.events().get(1).cloned());
    wait_for("the search", || children_of(worker).first().copied());
    let running = Running {
        place,
        process,
        worker,
        scratch,
    };
    signal(running.process.id() as i32, Signal::INT);
    running.ended().exits(130).fails(
        "wrong",
        "wrong",
        "wrong [reference] n=10: expected 10, got 11",
    );
}

#[test]
fn a_run_that_is_killed_leaves_no_process_behind() {
    let mut running = Running::start();
    running.process.kill().unwrap();
    running.process.wait().unwrap();
    nothing_is_left_of(&running.scratch);
    // What had finished was written as it happened.
    let events = running.place.events();
    assert!(
        events
            .iter()
            .any(|event| event["scenario"] == "good" && event["verdict"] == "pass")
    );
    // Its folder goes with the next run.
    assert!(running.scratch.is_dir());
    let good = ["good", "--lane", "reference"];
    let temporary = [("TMPDIR", running.place.path("tmp"))];
    running.place.run_in(&temporary, &good).exits(0);
    assert!(!running.scratch.exists());
}

#[test]
fn the_folder_of_a_run_that_lives_is_left_alone() {
    let mut running = Running::start();
    let good = ["good", "--lane", "reference", "--json", "other.jsonl"];
    let mut command = running.place.process();
    command.args(["run", "--catalogue", "catalogue", "--no-history"]);
    assert!(command.args(good).output().unwrap().status.success());
    assert!(running.scratch.is_dir());
    running.process.kill().unwrap();
    running.process.wait().unwrap();
    nothing_is_left_of(&running.scratch);
}
