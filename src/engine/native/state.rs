//! What the host keeps for one running program.

use std::collections::BTreeMap;

use wasmtime::Global;

use super::decimal::Decimal;
use super::failure::HostFailure;
use super::guest::exports::Guest;
use super::handles::HandleTable;
use super::input::Input;
use super::limits::GuestLimits;
use super::request::NativeRequest;
use super::sanitizer::Sanitizer;
use crate::case::{Bytes, Collections};
use crate::engine::folder::Fresh;
use crate::instrument::schedule::{Rng, Schedule};

/// The first time that a program reads, in milliseconds since 1970: the clock
/// is the program's own, so that a run repeats.
const FIRST_TIME: i64 = 1_767_225_600_000;

/// The host's side of one running program.
pub struct Host {
    /// The module's exports; absent until it is instantiated.
    pub guest: Option<Guest>,
    /// The steps that are left to the program, where they are counted.
    pub steps: Option<Global>,
    /// Where the heap begins.
    pub heap_start: u32,
    /// What the program printed.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// The folder that it runs in, where it asks for files.
    pub folder: Option<Fresh>,
    /// How many bytes it wrote to files.
    pub written: u64,
    /// The environment that it sees.
    pub env: BTreeMap<String, String>,
    /// What it may print and write in all.
    pub output_limit: Bytes,
    /// What it reads, and how far it has read.
    pub input: Input,
    /// What `IO.args` answers.
    pub arguments: Vec<String>,
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// Where random numbers come from.
    pub random: Rng,
    /// The cells of `State`, each a stack of values.
    pub cells: Vec<Vec<u64>>,
    /// The decimals that the program holds handles of.
    pub decimals: HandleTable<Decimal>,
    /// The message of `contract_fail`.
    pub violation: Option<String>,
    /// The code and message of `trap`.
    pub signal: Option<(i32, String)>,
    /// How often each import was called, in the module's order.
    pub calls: Vec<u64>,
    /// The import that was called last, by its place.
    pub calling: Option<usize>,
    /// When collections are forced.
    pub schedule: Option<Schedule>,
    /// How often the schedule was asked, and how often it said not now.
    pub asked: Questions,
    /// What a probed program has told.
    pub probes: Probes,
    /// The collections so far, where they are traced.
    pub trace: Option<Collections>,
    /// The fuel that it was given.
    pub given: u64,
    /// What looks after the heap, where something does.
    pub sanitizer: Option<Sanitizer>,
    /// What ends the program from outside.
    pub limits: GuestLimits,
}

/// How often a schedule was asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Questions {
    /// Altogether.
    pub times: u64,
    /// With the answer not to collect.
    pub passed: u64,
}

/// What a probed program has told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probes {
    /// Where the host found itself when the program's first function was entered.
    pub stack_top: Option<usize>,
    /// How far below that it was at most.
    pub stack: u64,
    /// The most that a collection left, where there was one.
    pub live: Option<u64>,
    /// The most of the heap that was in use before a collection.
    pub used: Option<u64>,
    /// The most of the wrap table that was in use, as far as collections tell.
    pub wrapped: u64,
}

impl Host {
    /// The host of a program that is about to run.
    pub fn new(
        request: &NativeRequest,
        folder: Option<Fresh>,
        schedule: Option<Schedule>,
        limits: GuestLimits,
    ) -> Host {
        Host {
            guest: None,
            steps: None,
            heap_start: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
            folder,
            written: 0,
            env: request.env.clone(),
            output_limit: request.budget.output,
            input: Input::new(&request.input),
            arguments: request.arguments.clone(),
            now: FIRST_TIME,
            random: Rng::new(request.seed),
            cells: Vec::new(),
            decimals: HandleTable::default(),
            violation: None,
            signal: None,
            calls: Vec::new(),
            calling: None,
            schedule,
            asked: Questions::default(),
            probes: Probes::default(),
            trace: None,
            given: 0,
            sanitizer: None,
            limits,
        }
    }

    /// The exports, which are there as soon as anything runs.
    pub fn guest(&self) -> Result<&Guest, HostFailure> {
        self.guest.as_ref().ok_or_else(|| {
            HostFailure::Unsupported(
                "the module calls its host before it is instantiated".to_owned(),
            )
        })
    }

    /// Whether the output budget still holds.
    pub fn check_output(&self) -> Result<(), HostFailure> {
        let printed = (self.stdout.len() + self.stderr.len()) as u64;
        if printed.saturating_add(self.written) > self.output_limit.0 {
            return Err(HostFailure::OverOutput);
        }
        Ok(())
    }
}
