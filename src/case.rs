//! Case, lane and outcome: the plain data that every other layer passes on.
//!
//! Nothing here does anything. A [`Case`] says what is to be run, an
//! [`Outcome`] says what happened, and neither knows how a program is compiled,
//! executed or judged.

mod outcome;
mod units;
mod version;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use outcome::{Doing, Ending, Frame, Outcome, Trap, Usage, Value};
pub use units::{Bytes, parse_duration, parse_size};
pub use version::VeraVersion;

/// The scale parameter `n`: what the program's `main` is called with.
///
/// Never zero, and never above [`Scale::MAX`], which is the largest `Nat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Scale(NonZeroU64);

impl Scale {
    /// The smallest scale, where a search for the smallest failing n ends.
    pub const ONE: Scale = Scale(NonZeroU64::MIN);
    /// The largest value of a Vera `Nat`: `2^63 - 1`.
    pub const MAX: u64 = i64::MAX as u64;

    /// `n` as a scale; `None` for 0 and for values beyond [`Scale::MAX`].
    pub fn new(n: u64) -> Option<Scale> {
        NonZeroU64::new(n)
            .filter(|n| n.get() <= Self::MAX)
            .map(Scale)
    }

    /// The plain number.
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The number as Vera and Rhai see it, a signed 64-bit integer.
    pub fn as_i64(self) -> i64 {
        i64::try_from(self.get()).expect("a scale is at most i64::MAX")
    }

    /// The scale halfway between two others, rounded down.
    pub fn midpoint(self, other: Scale) -> Scale {
        Scale(
            NonZeroU64::new(self.get().midpoint(other.get()))
                .expect("the midpoint of two numbers above 0 is above 0"),
        )
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// What runs a compiled module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// Vera's own runtime with its own host functions, in its own process.
    Reference,
}

/// When the garbage collector runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GcMode {
    /// The collector as shipped.
    Shipped,
    /// A collection on every allocation (`VERA_EAGER_GC=1` at compile time).
    Eager,
}

/// How a program is run: an engine and a GC mode, written `engine` or
/// `engine+mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// What runs the module.
    pub engine: Engine,
    /// When the collector runs.
    pub mode: GcMode,
}

impl Lane {
    /// Every lane there is, in the order in which results are shown.
    pub const ALL: [Lane; 2] = [
        Lane {
            engine: Engine::Reference,
            mode: GcMode::Shipped,
        },
        Lane {
            engine: Engine::Reference,
            mode: GcMode::Eager,
        },
    ];

    /// The written form of the lane, the same in files, options and output.
    pub fn name(self) -> &'static str {
        match (self.engine, self.mode) {
            (Engine::Reference, GcMode::Shipped) => "reference",
            (Engine::Reference, GcMode::Eager) => "reference+eager",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Lane {
    type Err = String;

    fn from_str(text: &str) -> Result<Lane, String> {
        Lane::ALL
            .into_iter()
            .find(|lane| lane.name() == text)
            .ok_or_else(|| {
                let names = Lane::ALL.map(Lane::name).join(", ");
                format!("there is no lane `{text}`; the lanes are: {names}")
            })
    }
}

impl Serialize for Lane {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Lane {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lane, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// What one process of a case may use before it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Wall-clock time, for compiling and for running each.
    #[serde(serialize_with = "units::seconds::serialize")]
    pub wall: Duration,
    /// Resident memory of the whole process, interpreter included.
    pub memory: Bytes,
    /// Text written to standard output and standard error together.
    pub output: Bytes,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            wall: Duration::from_secs(10),
            memory: Bytes::mebi(512),
            output: Bytes::mebi(64),
        }
    }
}

/// One scenario, in one lane, at one n. The Vera that compiles it is the run's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Case {
    /// The scenario's name.
    pub scenario: String,
    /// How the program is run.
    pub lane: Lane,
    /// What `main` is called with.
    pub scale: Scale,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] n={}", self.scenario, self.lane, self.scale)
    }
}

/// The sources of a program by file name, `main.vera` among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources(pub BTreeMap<String, String>);

impl Sources {
    /// The file that holds `main`.
    pub const MAIN: &'static str = "main.vera";
}
