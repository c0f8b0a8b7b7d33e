//! What the host keeps for one running program.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use wasmtime::{Global, ResourceLimiter};

use super::Request;
use super::decimal::Decimal;
use super::failure::Failure;
use super::guest::Guest;
use super::sanitizer::Sanitizer;
use crate::case::{Bytes, Collections};
use crate::instrument::schedule::{Rng, Schedule};
use crate::interrupt::Interrupt;

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
    /// What it may print in all.
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
    pub decimals: Handles<Decimal>,
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
    pub asked: Asked,
    /// What a probed program has told.
    pub probes: Probes,
    /// The collections so far, where they are traced.
    pub trace: Option<Collections>,
    /// The fuel that it was given.
    pub given: u64,
    /// What looks after the heap, where something does.
    pub sanitizer: Option<Sanitizer>,
    /// What ends the program from outside.
    pub limits: Limits,
}

/// How often a schedule was asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
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

/// The input of a program, as text.
#[derive(Clone, Debug, Default)]
pub struct Input {
    text: String,
    read: usize,
}

impl Input {
    /// All that there is to read. Bytes that are no UTF-8 are read as U+FFFD,
    /// as Vera's host does.
    pub fn new(bytes: &[u8]) -> Input {
        Input {
            text: String::from_utf8_lossy(bytes).into_owned(),
            read: 0,
        }
    }

    /// The next line without its end; empty where nothing is left.
    pub fn line(&mut self) -> String {
        let rest = &self.text[self.read..];
        let (line, taken) = match rest.find('\n') {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        };
        self.read += taken;
        line.to_owned()
    }

    /// The next character.
    pub fn character(&mut self) -> Option<char> {
        let next = self.text[self.read..].chars().next()?;
        self.read += next.len_utf8();
        Some(next)
    }
}

/// Values that a program knows by a number.
#[derive(Debug)]
pub struct Handles<T> {
    values: HashMap<i32, T>,
    next: i32,
}

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Handles {
            values: HashMap::new(),
            next: 1,
        }
    }
}

impl<T> Handles<T> {
    /// Keeps a value; gives its handle, a number from 1 up that fits 31 bits.
    pub fn keep(&mut self, value: T) -> Result<i32, Failure> {
        let handle = self.next;
        self.next = handle.checked_add(1).ok_or_else(|| {
            Failure::Refused("2147483647 handles were used: there are no more".to_owned())
        })?;
        self.values.insert(handle, value);
        Ok(handle)
    }

    /// The value of a handle. A handle that is gone, or never was, is what
    /// Vera's host fails on with a KeyError.
    pub fn get(&self, handle: i32) -> Result<&T, Failure> {
        self.values
            .get(&handle)
            .ok_or_else(|| Failure::Refused(handle.to_string()))
    }

    /// Drops a value that the program can no longer reach.
    pub fn release(&mut self, handle: i32) {
        self.values.remove(&handle);
    }
}

/// What ends a program from outside.
#[derive(Clone)]
pub struct Limits {
    /// What its memory may grow to.
    pub memory: Bytes,
    /// When it must have ended.
    pub deadline: Instant,
    /// Whether the run was interrupted.
    pub interrupt: Interrupt,
}

impl Limits {
    /// What ends a run that starts now.
    pub fn of(request: &Request, interrupt: &Interrupt) -> Limits {
        Limits {
            memory: request.budget.memory,
            deadline: Instant::now() + request.budget.wall,
            interrupt: interrupt.clone(),
        }
    }

    /// The same with all of the time before it.
    pub fn anew(&self, wall: Duration) -> Limits {
        Limits {
            deadline: Instant::now() + wall,
            ..self.clone()
        }
    }

    /// Whether it is time to end.
    pub fn check(&self) -> Result<(), Failure> {
        if self.interrupt.is_set() {
            Err(Failure::Interrupted)
        } else if Instant::now() >= self.deadline {
            Err(Failure::OverTime)
        } else {
            Ok(())
        }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let desired = Bytes(desired as u64);
        if desired > self.memory {
            // An error and not a refusal: Vera's allocator would call a refusal
            // an exhausted heap, and the budget is ours.
            return Err(Failure::OverMemory(desired).into());
        }
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 1_000_000)
    }
}

impl Host {
    /// The host of a program that is about to run.
    pub fn new(request: &Request, schedule: Option<Schedule>, limits: Limits) -> Host {
        Host {
            guest: None,
            steps: None,
            heap_start: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
            output_limit: request.budget.output,
            input: Input::new(&request.input),
            arguments: request.arguments.clone(),
            now: FIRST_TIME,
            random: Rng::new(request.seed),
            cells: Vec::new(),
            decimals: Handles::default(),
            violation: None,
            signal: None,
            calls: Vec::new(),
            calling: None,
            schedule,
            asked: Asked::default(),
            probes: Probes::default(),
            trace: None,
            given: 0,
            sanitizer: None,
            limits,
        }
    }

    /// The exports, which are there as soon as anything runs.
    pub fn guest(&self) -> Result<&Guest, Failure> {
        self.guest.as_ref().ok_or_else(|| {
            Failure::Unsupported("the module calls its host before it is instantiated".to_owned())
        })
    }

    /// Whether the output budget still holds.
    pub fn check_output(&self) -> Result<(), Failure> {
        let printed = (self.stdout.len() + self.stderr.len()) as u64;
        if printed > self.output_limit.0 {
            return Err(Failure::OverOutput);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_read_by_line_and_by_character() {
        let mut input = Input::new("ab\nüc\n\nlast".as_bytes());
        assert_eq!(input.line(), "ab");
        assert_eq!(input.character(), Some('ü'));
        assert_eq!(input.line(), "c");
        assert_eq!(input.line(), "");
        assert_eq!(input.line(), "last");
        assert_eq!((input.line().as_str(), input.character()), ("", None));
        assert_eq!(Input::new(b"\xff").line(), "\u{fffd}");
    }

    #[test]
    fn handles_are_used_once() {
        let mut handles = Handles::default();
        let (one, two) = (handles.keep("a").unwrap(), handles.keep("b").unwrap());
        assert_eq!((one, two), (1, 2));
        handles.release(one);
        assert_eq!(handles.get(one), Err(Failure::Refused("1".to_owned())));
        assert_eq!(handles.get(two), Ok(&"b"));
        assert_eq!(handles.keep("c"), Ok(3));
    }
}
