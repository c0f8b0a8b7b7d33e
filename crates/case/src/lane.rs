//! Lanes: an engine and a GC mode.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::Problem;

/// What runs a compiled module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// Vera's own runtime with its own host functions, in its own process.
    Reference,
    /// The same module in this process, with host functions written in Rust.
    Native,
}

impl Engine {
    /// The written form, the same in files, options and output.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Reference => "reference",
            Engine::Native => "native",
        }
    }

    /// The other one.
    pub fn other(self) -> Engine {
        match self {
            Engine::Reference => Engine::Native,
            Engine::Native => Engine::Reference,
        }
    }
}

/// When the garbage collector runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GcMode {
    /// The collector as shipped.
    Shipped,
    /// A collection before every allocation: on the reference engine with
    /// `VERA_EAGER_GC=1` at compile time, on the native one by a schedule.
    Eager,
    /// A collection before every K-th allocation.
    Every(NonZeroU64),
    /// Collections at random points, which the seed repeats. Without a seed, the
    /// run's own is meant.
    Random(Option<u64>),
    /// The collector as shipped, with every access and the whole heap checked.
    Checks,
    /// The same, and collections as dense as they can be afforded. The seed
    /// decides where they are and which freed blocks are used again at once.
    Sanitize(Option<u64>),
    /// A collection the first time that a call stack allocates.
    PerStack,
    /// No collection at all.
    Never,
}

impl GcMode {
    /// Whether an engine has this mode.
    pub fn exists_on(self, engine: Engine) -> bool {
        match (engine, self) {
            (Engine::Reference, GcMode::Shipped | GcMode::Eager) | (Engine::Native, _) => true,
            (
                Engine::Reference,
                GcMode::Every(_)
                | GcMode::Random(_)
                | GcMode::Checks
                | GcMode::Sanitize(_)
                | GcMode::PerStack
                | GcMode::Never,
            ) => false,
        }
    }
}

/// How a program is run: an engine and a GC mode, written `engine` or
/// `engine+mode`, and with `+tight` behind the engine where its runtime has less room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// What runs the module.
    pub engine: Engine,
    /// When the collector runs.
    pub mode: GcMode,
    /// Whether the tables of Vera's runtime are at a sixteenth of their size.
    pub tight: bool,
}

impl Lane {
    /// Vera's own runtime, the collector as shipped.
    pub const REFERENCE: Lane = Lane::new(Engine::Reference, GcMode::Shipped);
    /// Vera's own runtime, a collection on every allocation.
    pub const REFERENCE_EAGER: Lane = Lane::new(Engine::Reference, GcMode::Eager);
    /// In this process, the collector as shipped.
    pub const NATIVE: Lane = Lane::new(Engine::Native, GcMode::Shipped);
    /// In this process, a collection before every allocation.
    pub const NATIVE_EAGER: Lane = Lane::new(Engine::Native, GcMode::Eager);
    /// In this process, collections at random points that the run's seed repeats.
    pub const NATIVE_RANDOM: Lane = Lane::new(Engine::Native, GcMode::Random(None));
    /// In this process, as dense as can be afforded and checked throughout; the
    /// run's seed repeats it.
    pub const NATIVE_SANITIZE: Lane = Lane::new(Engine::Native, GcMode::Sanitize(None));
    /// In this process, the collector as shipped and checked throughout.
    pub const NATIVE_CHECKS: Lane = Lane::new(Engine::Native, GcMode::Checks);
    /// In this process, a collection for each call stack that allocates.
    pub const NATIVE_PER_STACK: Lane = Lane::new(Engine::Native, GcMode::PerStack);
    /// In this process, no collection at all.
    pub const NATIVE_NEVER: Lane = Lane::new(Engine::Native, GcMode::Never);
    /// In this process, the collector as shipped and its tables at a sixteenth.
    pub const NATIVE_TIGHT: Lane = Lane::NATIVE.tightened();

    /// The forms in which a lane can be written, for messages and help.
    pub const FORMS: [&str; 13] = [
        "reference",
        "reference+eager",
        "native",
        "native+eager",
        "native+every=K",
        "native+random",
        "native+random=SEED",
        "native+checks",
        "native+sanitize",
        "native+sanitize=SEED",
        "native+per-stack",
        "native+never",
        "native+tight",
    ];

    /// The lane of an engine and one of its modes.
    pub const fn new(engine: Engine, mode: GcMode) -> Lane {
        Lane {
            engine,
            mode,
            tight: false,
        }
    }

    /// The same with the tables of Vera's runtime at a sixteenth of their size.
    pub const fn tightened(self) -> Lane {
        Lane {
            tight: true,
            ..self
        }
    }

    /// The same with them as shipped.
    pub const fn roomy(self) -> Lane {
        Lane {
            tight: false,
            ..self
        }
    }

    /// The lane with a seed, where it wants one and names none.
    pub fn seeded(self, seed: u64) -> Lane {
        match self.mode {
            GcMode::Random(None) => self.with(GcMode::Random(Some(seed))),
            GcMode::Sanitize(None) => self.with(GcMode::Sanitize(Some(seed))),
            _ => self,
        }
    }

    /// The lane without its parameter, where it has one: what a scenario says
    /// of `native+random` holds for every seed.
    pub fn family(self) -> Lane {
        match self.mode {
            GcMode::Random(Some(_)) => self.with(GcMode::Random(None)),
            GcMode::Sanitize(Some(_)) => self.with(GcMode::Sanitize(None)),
            _ => self,
        }
    }

    fn with(self, mode: GcMode) -> Lane {
        Lane { mode, ..self }
    }

    /// The lane of the other engine that must come to the same result, where
    /// there is one: the modes that are the same on both.
    pub fn partner(self) -> Option<Lane> {
        let other = self.engine.other();
        (self.mode.exists_on(other) && !self.tight).then_some(Lane::new(other, self.mode))
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tight = if self.tight { "+tight" } else { "" };
        let engine = format!("{}{tight}", self.engine.name());
        match self.mode {
            GcMode::Shipped => f.pad(&engine),
            GcMode::Eager => f.pad(&format!("{engine}+eager")),
            GcMode::Every(k) => f.pad(&format!("{engine}+every={k}")),
            GcMode::Random(None) => f.pad(&format!("{engine}+random")),
            GcMode::Random(Some(seed)) => f.pad(&format!("{engine}+random={seed}")),
            GcMode::Checks => f.pad(&format!("{engine}+checks")),
            GcMode::Sanitize(None) => f.pad(&format!("{engine}+sanitize")),
            GcMode::Sanitize(Some(seed)) => f.pad(&format!("{engine}+sanitize={seed}")),
            GcMode::PerStack => f.pad(&format!("{engine}+per-stack")),
            GcMode::Never => f.pad(&format!("{engine}+never")),
        }
    }
}

impl FromStr for Lane {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Lane, Problem> {
        let unknown = || {
            Problem::new(format!(
                "there is no lane `{text}`; the lanes are: {}",
                Lane::FORMS.join(", ")
            ))
        };
        let mut words = text.split('+');
        let engine = words.next().unwrap_or_default();
        let mut tight = false;
        let mut mode = None;
        for word in words {
            // Each of the two once, in either order.
            let first = if word == "tight" {
                !std::mem::replace(&mut tight, true)
            } else {
                mode.replace(word).is_none()
            };
            if !first {
                return Err(unknown());
            }
        }
        let engine = match engine {
            "reference" => Engine::Reference,
            "native" => Engine::Native,
            _ => return Err(unknown()),
        };
        let mode = match mode.map(|mode| mode.split_once('=').unwrap_or((mode, ""))) {
            None => GcMode::Shipped,
            Some(("eager", "")) => GcMode::Eager,
            Some(("checks", "")) => GcMode::Checks,
            Some(("per-stack", "")) => GcMode::PerStack,
            Some(("never", "")) => GcMode::Never,
            Some(("random", "")) => GcMode::Random(None),
            Some(("sanitize", "")) => GcMode::Sanitize(None),
            Some((mode @ ("random" | "sanitize"), seed)) => {
                let seed = Some(seed.parse().map_err(|_| {
                    Problem::new(format!("`{seed}` is no seed; write `{text}` with a number from 0 to 2^64 - 1, such as native+{mode}=7"))
                })?);
                match mode {
                    "random" => GcMode::Random(seed),
                    _ => GcMode::Sanitize(seed),
                }
            }
            Some(("every", k)) => GcMode::Every(k.parse().map_err(|_| {
                Problem::new(format!(
                    "`{text}` needs a number of allocations from 1 up, such as native+every=16"
                ))
            })?),
            Some(_) => return Err(unknown()),
        };
        // `eager=` is not `eager`.
        if text.ends_with('=') {
            return Err(unknown());
        }
        if !mode.exists_on(engine) || tight && engine != Engine::Native {
            return Err(Problem::new(format!(
                "there is no lane `{text}`: only the native engine has that mode; the lanes are: {}",
                Lane::FORMS.join(", ")
            )));
        }
        Ok(Lane {
            engine,
            mode,
            tight,
        })
    }
}

impl Serialize for Lane {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lane {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lane, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Lane {
    fn schema_name() -> Cow<'static, str> {
        "Lane".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": format!("How a program is run: {}.", Lane::FORMS.join(", ")),
            "type": "string",
            "pattern": r"^(reference|native)(\+tight)?(\+[a-z-]+(=[0-9]+)?)?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_read_as_it_is_written() {
        for text in [
            "reference",
            "reference+eager",
            "native",
            "native+eager",
            "native+every=16",
            "native+random",
            "native+random=18446744073709551615",
            "native+per-stack",
            "native+never",
            "native+tight",
            "native+tight+sanitize=7",
        ] {
            assert_eq!(text.parse::<Lane>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_lane_is_refused_with_the_lanes_there_are() {
        for text in [
            "",
            "turbo",
            "native+",
            "native+eager=",
            "native+eager=3",
            "reference+every=2",
            "reference+random=1",
            "native+sometimes",
            "native+tight+tight",
            "native+eager+never",
            "reference+tight",
            "reference+tight+eager",
        ] {
            let why = text.parse::<Lane>().unwrap_err();
            assert!(why.what().contains("native+every=K"), "{text}: {why}");
        }
        for text in ["native+every=0", "native+every=", "native+every=-1"] {
            let why = text.parse::<Lane>().unwrap_err();
            assert!(why.what().contains("from 1 up"), "{text}: {why}");
        }
        for mode in ["random", "sanitize"] {
            let why = format!("native+{mode}=x").parse::<Lane>().unwrap_err();
            assert!(why.what().contains("no seed"), "{why}");
            assert!(why.what().contains(&format!("native+{mode}=7")), "{why}");
        }
    }

    #[test]
    fn a_seed_is_filled_in_once_and_left_out_of_the_family() {
        for (family, seeded) in [
            (Lane::NATIVE_RANDOM, "native+random=7"),
            (Lane::NATIVE_SANITIZE, "native+sanitize=7"),
        ] {
            let lane = family.seeded(7);
            assert_eq!(lane.to_string(), seeded);
            assert_eq!(seeded.parse(), Ok(lane));
            assert_eq!(lane.seeded(8), lane);
            assert_eq!(lane.family(), family);
            let tight = family.tightened().seeded(7);
            assert_eq!(tight, lane.tightened());
            assert_eq!(tight.family(), family.tightened());
        }
        assert_eq!(Lane::REFERENCE.seeded(7), Lane::REFERENCE);
    }

    #[test]
    fn partners_have_the_same_mode_on_the_other_engine() {
        assert_eq!(Lane::NATIVE.partner(), Some(Lane::REFERENCE));
        assert_eq!(Lane::REFERENCE_EAGER.partner(), Some(Lane::NATIVE_EAGER));
        assert_eq!(Lane::NATIVE_NEVER.partner(), None);
        assert_eq!(Lane::NATIVE_TIGHT.partner(), None);
    }

    #[test]
    fn less_room_goes_with_every_mode_in_either_order() {
        let eager: Lane = "native+eager+tight".parse().unwrap();
        assert_eq!(eager, Lane::NATIVE_EAGER.tightened());
        assert_eq!(eager.to_string(), "native+tight+eager");
        assert_eq!(eager.roomy(), Lane::NATIVE_EAGER);
    }
}
