//! Case, lane and outcome: the plain data that every other layer passes on.
//!
//! Nothing here does anything. A [`Case`] says what is to be run, an
//! [`Outcome`] says what happened, and neither knows how a program is compiled,
//! executed or judged.

mod finding;
mod lane;
mod life;
mod outcome;
mod point;
mod problem;
mod rng;
mod shell;
mod table;
mod units;
mod version;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use finding::{BlockStory, Call, Finding, Freed};
pub use lane::{Engine, GcMode, Lane};
pub use life::{Collection, Collections, HeapLife, LifeEnd, LifeUnit, MOST_KEPT};
pub use outcome::{
    Chance, Clock, Doing, Ending, Frame, HostUse, Left, Measures, Outcome, Probed, Trap, Usage,
    Value,
};
pub use point::Point;
pub use problem::Problem;
pub use rng::Rng;
pub use shell::quoted;
pub use table::Table;
pub use units::{Bytes, Instructions, parse_duration, parse_instructions, parse_size};
pub use version::VeraVersion;

/// The scale parameter `n`: what the program's `main` is called with.
///
/// Never zero, and never above [`Scale::MAX`], which is the largest `Nat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Scale(#[schemars(range(min = 1, max = Scale::MAX))] NonZeroU64);

impl Scale {
    /// The smallest scale, where a search for the smallest failing n ends.
    pub const ONE: Scale = Scale(NonZeroU64::MIN);
    /// The largest value of a Vera `Nat`: `2^63 - 1`.
    pub const MAX: u64 = i64::MAX as u64;

    /// The largest scale.
    pub const LARGEST: Scale = Scale(NonZeroU64::new(Self::MAX).expect("it is not zero"));

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

impl<'de> Deserialize<'de> for Scale {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Scale, D::Error> {
        let n = i64::deserialize(deserializer)?;
        u64::try_from(n).ok().and_then(Scale::new).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "a scale of {n} runs nothing; write a number from 1 up, such as `n = 1_000`"
            ))
        })
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// What a case may use before it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Processor time, for compiling and for running each: what else the machine
    /// does takes nothing of it. Where instructions are counted they decide, and
    /// running is ended by it only after ten times as much. Absent before it was that
    /// which was counted.
    #[serde(with = "units::seconds", default)]
    #[schemars(with = "f64")]
    pub time: Duration,
    /// Wall-clock time, for each of the two: far longer, for a program that waits
    /// and never ends.
    #[serde(with = "units::seconds")]
    #[schemars(with = "f64")]
    pub wall: Duration,
    /// Memory: on the reference engine what the whole process holds, interpreter
    /// included; on the native one the program's own.
    pub memory: Bytes,
    /// Text written to standard output and standard error together.
    pub output: Bytes,
    /// Instructions, on the engine that counts them.
    #[serde(alias = "work")]
    pub instructions: Instructions,
}

impl Budget {
    /// The same with so much processor time, and with wall-clock time for a machine
    /// that is busy with many other things.
    #[must_use]
    pub fn lasting(self, time: Duration) -> Budget {
        Budget {
            time,
            wall: guard(time),
            ..self
        }
    }

    /// The same for what runs where instructions decide. A busy machine stretches
    /// processor time as well, and moves no verdict then: time only ends what spends
    /// far more of it than instructions take.
    #[must_use]
    pub fn guarding(self) -> Budget {
        let wall = self.wall;
        let guarded = self.lasting(self.time.saturating_mul(GUARD));
        Budget {
            wall: guarded.wall.max(wall),
            ..guarded
        }
    }

    /// The end of what has spent its time.
    pub fn over_time(&self, clock: Clock, doing: Doing) -> Ending {
        let limit = match clock {
            Clock::Processor => self.time,
            Clock::Wall => self.wall,
        };
        Ending::OverTime {
            limit,
            clock,
            doing,
        }
    }
}

/// How many times as much time what only guards lets pass.
const GUARD: u32 = 10;

/// The wall-clock time after which what had so much processor time does not come
/// to its end.
fn guard(time: Duration) -> Duration {
    time.saturating_mul(GUARD)
        .saturating_add(Duration::from_secs(30))
}

impl Default for Budget {
    fn default() -> Budget {
        let time = Duration::from_secs(10);
        Budget {
            time,
            wall: guard(time),
            memory: Bytes::mebi(512),
            output: Bytes::mebi(64),
            // About what a processor does in that time.
            instructions: Instructions(40_000_000_000),
        }
    }
}

/// One scenario, in one lane, at one n. The Vera that compiles it is the run's.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Case {
    /// The scenario's name.
    pub scenario: String,
    /// How the program is run.
    pub lane: Lane,
    /// What `main` is called with.
    #[serde(rename = "n")]
    pub scale: Scale,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] n={}", self.scenario, self.lane, self.scale)
    }
}

/// What `main` is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Nothing.
    Nothing,
    /// n.
    Scale,
    /// These, as they would be typed.
    These(Vec<String>),
}

/// The sources of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// The file that holds `main`.
    pub main: String,
    /// The text of each file, by its path from the folder of that one.
    pub files: BTreeMap<String, String>,
}

impl Sources {
    /// The file that holds `main` in a scenario.
    pub const MAIN: &'static str = "main.vera";

    /// These files, of which `main.vera` holds `main`.
    pub fn of(files: BTreeMap<String, String>) -> Sources {
        Sources {
            main: Sources::MAIN.to_owned(),
            files,
        }
    }

    /// One file, `main.vera`.
    pub fn of_main(text: &str) -> Sources {
        Sources::of(BTreeMap::from([(
            Sources::MAIN.to_owned(),
            text.to_owned(),
        )]))
    }

    /// The text of the file that holds `main`.
    pub fn main_text(&self) -> Option<&str> {
        self.files.get(&self.main).map(String::as_str)
    }
}
