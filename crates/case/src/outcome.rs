//! What happened when a case was run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::life::HeapLife;
use super::table::Table;
use super::units::{Bytes, Instructions, seconds};

/// What `main` returned, as `vera run` would show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// `Unit`: nothing.
    Unit,
    /// `Int`, `Nat`, `Byte`, and `Bool` as 0 or 1.
    Int(i64),
    /// `Float64`.
    #[serde(with = "float")]
    #[schemars(with = "float::Written")]
    Float(f64),
    /// `String`.
    Text(String),
}

/// Floating-point numbers, of which JSON has no words for some: those are text.
mod float {
    use schemars::JsonSchema;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[schemars(inline)]
    pub(super) enum Written {
        Number(f64),
        Text(String),
    }

    pub fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if x.is_finite() {
            x.serialize(serializer)
        } else {
            x.to_string().serialize(serializer)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(x) => Ok(x),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unit => f.write_str("Unit"),
            Value::Int(n) => n.fmt(f),
            Value::Float(x) => write!(f, "{x:?}"),
            Value::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// One frame of a trap's backtrace, innermost first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// The function as Vera names it.
    pub function: String,
    /// The source file, where Vera knows it.
    pub file: Option<String>,
    /// The first source line of the function, where Vera knows it.
    pub line: Option<u32>,
}

impl Frame {
    /// The source file; Vera writes `<builtin>` and `<unknown>` where there is
    /// none.
    pub fn source(&self) -> Option<&str> {
        self.file.as_deref().filter(|file| !file.starts_with('<'))
    }
}

/// The function and, where it is known, the place that it was declared at.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match (self.source(), self.line) {
            (Some(file), Some(line)) => write!(f, " ({file}:{line})"),
            (Some(file), None) => write!(f, " ({file})"),
            (None, _) => Ok(()),
        }
    }
}

/// A trap as Vera's runtime classified it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trap {
    /// Vera's trap kind, such as `unreachable` or `stack_exhausted`.
    pub kind: String,
    /// What Vera says to the user.
    pub message: String,
    /// The backtrace, innermost frame first.
    pub frames: Vec<Frame>,
}

impl Trap {
    /// The kinds that releases of Vera tell, and `instantiation`, a trap before
    /// `main`, which is the harness's word.
    pub const KINDS: [&str; 17] = [
        "assertion_failed",
        "contract_violation",
        "divide_by_zero",
        "float_conversion",
        "heap_exhausted",
        "host_error",
        "index_out_of_bounds",
        "instantiation",
        "nat_guard",
        "nat_underflow",
        "out_of_bounds",
        "overflow",
        "stack_exhausted",
        "string_index_out_of_bounds",
        "uncaught_exception",
        "unknown",
        "unreachable",
    ];
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Ending {
    /// `main` returned, or the program called `IO.exit`.
    Returned {
        /// What came back.
        value: Value,
        /// The code of `IO.exit`, where it was called.
        exit_code: Option<i64>,
    },
    /// The program trapped.
    Trapped(Trap),
    /// The compiler refused the program.
    Rejected {
        /// The diagnostic that says why, in one line.
        message: String,
        /// Its code, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// All that the compiler said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
        /// Whether `vera check` has nothing against it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        checked: bool,
    },
    /// The compiler took the program, and what it emitted is no valid module.
    InvalidModule {
        /// What the validator says.
        message: String,
        /// All that the compiler said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    },
    /// The process was ended because it used up its budget of time.
    OverTime {
        /// The budget.
        #[serde(with = "seconds")]
        #[schemars(with = "f64")]
        limit: Duration,
        /// The clock that it ran out by.
        #[serde(default)]
        clock: Clock,
        /// What the process was doing.
        doing: Doing,
    },
    /// The process used more memory than its budget.
    OverMemory {
        /// The budget.
        limit: Bytes,
        /// The most that was seen.
        seen: Bytes,
        /// What the process was doing.
        doing: Doing,
    },
    /// The process printed more than its budget.
    OverOutput {
        /// The budget.
        limit: Bytes,
        /// What the process was doing.
        doing: Doing,
    },
    /// The program took more instructions than its budget.
    #[serde(alias = "over-work")]
    OverInstructions {
        /// The budget.
        limit: Instructions,
    },
    /// The sanitizer saw a bad access or a broken heap.
    Corrupt {
        /// What it saw.
        finding: Box<Finding>,
    },
    /// The engine cannot run the program: it has not all that it asks for.
    Unsupported {
        /// What is missing.
        message: String,
    },
    /// The process died, or Vera's own host code failed.
    Crashed {
        /// The signal, exit status or Python exception.
        message: String,
        /// What a compiler that crashed said before.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
        /// What the process was doing.
        doing: Doing,
    },
}

impl Ending {
    /// A program that is refused for this reason, and nothing else is known.
    pub fn rejected(message: impl Into<String>) -> Ending {
        Ending::Rejected {
            message: message.into(),
            code: None,
            said: String::new(),
            checked: false,
        }
    }

    /// A module that is not valid for this reason.
    pub fn invalid_module(message: impl Into<String>) -> Ending {
        Ending::InvalidModule {
            message: message.into(),
            said: String::new(),
        }
    }

    /// A process that died, or failed, like this.
    pub fn crashed(message: impl Into<String>, doing: Doing) -> Ending {
        Ending::Crashed {
            message: message.into(),
            said: String::new(),
            doing,
        }
    }

    /// All that the compiler said of a program that it did not bring to run.
    pub fn said(&self) -> &str {
        match self {
            Ending::Rejected { said, .. }
            | Ending::InvalidModule { said, .. }
            | Ending::Crashed { said, .. } => said,
            Ending::Returned { .. }
            | Ending::Trapped(_)
            | Ending::OverTime { .. }
            | Ending::OverMemory { .. }
            | Ending::OverOutput { .. }
            | Ending::OverInstructions { .. }
            | Ending::Corrupt { .. }
            | Ending::Unsupported { .. } => "",
        }
    }

    /// Whether a budget ran out while a process was doing this.
    pub fn is_over(&self, what: Doing) -> bool {
        match self {
            Ending::OverTime { doing, .. }
            | Ending::OverMemory { doing, .. }
            | Ending::OverOutput { doing, .. } => *doing == what,
            Ending::OverInstructions { .. } => what == Doing::Running,
            Ending::Returned { .. }
            | Ending::Trapped(_)
            | Ending::Rejected { .. }
            | Ending::InvalidModule { .. }
            | Ending::Corrupt { .. }
            | Ending::Unsupported { .. }
            | Ending::Crashed { .. } => false,
        }
    }

    /// Whether the program was not brought to run, whatever n it would be given.
    pub fn never_ran(&self) -> bool {
        match self {
            Ending::Rejected { .. } | Ending::InvalidModule { .. } => true,
            Ending::OverTime { doing, .. }
            | Ending::OverMemory { doing, .. }
            | Ending::OverOutput { doing, .. }
            | Ending::Crashed { doing, .. } => *doing == Doing::Compiling,
            Ending::Returned { .. }
            | Ending::Trapped(_)
            | Ending::OverInstructions { .. }
            | Ending::Corrupt { .. }
            | Ending::Unsupported { .. } => false,
        }
    }
}

/// What time is measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// The processor time of what was to be done.
    #[default]
    Processor,
    /// The time that passed for everybody.
    Wall,
}

/// The two things a process does for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// Compiling the program.
    Compiling,
    /// Running the compiled module.
    Running,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doing::Compiling => "compiling",
            Doing::Running => "running",
        })
    }
}

/// What a process used, as the operating system counted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Wall-clock time from start to end.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub wall: Duration,
    /// User and system CPU time.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub cpu: Duration,
    /// The largest resident set.
    pub peak_memory: Bytes,
}

/// What a program left to Vera's host, as Vera's own runtime tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostUse {
    /// How many values its stores held at the end: decimals, futures, maps of some
    /// releases.
    pub stores: u64,
    /// The largest resident set of the process above what it had before the program
    /// ran, the program's own memory included.
    pub memory: Bytes,
}

/// What the native engine counts, exactly: the same program, module and n give
/// the same numbers on every machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measures {
    /// The instructions of the program and its collector, without what measuring adds.
    #[serde(alias = "fuel")]
    pub instructions: Instructions,
    /// The largest size of the program's memory.
    pub peak_memory: Bytes,
    /// How often the collector ran.
    pub collections: u64,
    /// How many of these the lane's schedule forced.
    pub forced: u64,
    /// How often the program, or a host function for it, allocated.
    pub allocations: u64,
    /// What they asked for altogether, headers and padding not counted.
    pub allocated: Bytes,
    /// The extent of the heap at its largest, from its first block to the end of
    /// its last.
    pub heap: Bytes,
    /// The most of the shadow stack that was in use; `None` where the module
    /// moves its pointer in a way that is not watched.
    pub shadow_stack: Option<Bytes>,
    /// How large the shadow stack is; `None` where there is none.
    pub shadow_room: Option<Bytes>,
    /// How often each host function was called, by name.
    pub host_calls: BTreeMap<String, u64>,
}

/// What the native engine finds out about a program's stack and heap by looking
/// at them while it runs. It repeats on the same machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Probed {
    /// The most of the WebAssembly stack that was in use; looking makes frames a
    /// little larger.
    pub stack: Bytes,
    /// The same to a few bytes, in frames of the size that Vera's runtime has,
    /// where it was searched for.
    pub exact_stack: Option<Bytes>,
    /// How large that stack is.
    pub stack_room: Bytes,
    /// The most that a collection left alive; `None` where there was none.
    pub live: Option<Bytes>,
    /// The most of the heap that was in use at a time: what was allocated, and not
    /// freed by a collection yet. `None` where the module does not tell.
    pub used: Option<Bytes>,
    /// The most of the table of host handles that was in use.
    pub wrap_table: Bytes,
    /// How large that table is; `None` where the module has none.
    pub wrap_room: Option<Bytes>,
}

/// What a program asked its host for that Vera's own runtime answers otherwise
/// in each run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chance {
    /// Random numbers.
    pub random: bool,
    /// The time, or anything beyond the machine.
    pub time: bool,
}

/// What the functions of the host that reach beyond the machine begin with.
const OUTSIDE: [&str; 3] = ["http_", "async_http_", "inference_"];

impl Chance {
    /// What a program may ask for that calls these functions of its host.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Chance {
        let mut chance = Chance::default();
        for name in names {
            chance.random |= name.starts_with("random_");
            chance.time |= name == "time" || OUTSIDE.iter().any(|it| name.starts_with(it));
        }
        chance
    }

    /// Whether it asked for anything of that kind.
    pub fn any(self) -> bool {
        self.random || self.time
    }
}

/// What a program left of a file in the folder that it ran in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// This is what it wrote, whether it is something new or not.
    Written(Vec<u8>),
    /// It was there and is gone.
    Gone,
}

/// What happened when a case was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What `main` was called with.
    pub arguments: Vec<String>,
    /// What the program printed, as Vera's runtime captured it.
    pub stdout: Vec<u8>,
    /// What the program printed, as it arrived live on the process's standard
    /// output.
    pub live_stdout: Vec<u8>,
    /// What the program wrote to standard error.
    pub stderr: Vec<u8>,
    /// The files that it wrote or took away, by their paths in its folder.
    pub files: BTreeMap<String, Left>,
    /// The highest address the module's allocator reached.
    pub peak_heap: Option<Bytes>,
    /// What the engine counted, where it counts.
    pub measures: Option<Measures>,
    /// What it left to Vera's host, where the engine has that one.
    pub host: Option<HostUse>,
    /// Its heap over its life, where the engine was to trace it.
    pub heap_life: Option<HeapLife>,
    /// What it asked chance for, as far as the engine knows: Vera's own runtime
    /// does not say.
    pub chance: Chance,
    /// The table of Vera's runtime that it ended in because it was full, where it is
    /// smaller than as shipped.
    pub filled: Option<Table>,
    /// What running it used; compiling is counted separately.
    pub run: Usage,
    /// What compiling it used; `None` where the module came from the cache.
    pub compile: Option<Usage>,
}

impl Outcome {
    /// A case that ended like this, and of which nothing else is known: it printed
    /// nothing, used nothing, and nobody counted. Whoever knows more fills it in.
    pub fn new(ending: Ending) -> Outcome {
        Outcome {
            ending,
            arguments: Vec::new(),
            stdout: Vec::new(),
            live_stdout: Vec::new(),
            stderr: Vec::new(),
            files: BTreeMap::new(),
            peak_heap: None,
            measures: None,
            host: None,
            heap_life: None,
            chance: Chance::default(),
            filled: None,
            run: Usage::default(),
            compile: None,
        }
    }
}
