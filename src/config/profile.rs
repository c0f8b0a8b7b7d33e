//! Profiles: what holds where the command line says nothing.

use std::time::Duration;

use crate::case::Lane;
use crate::plan::ScaleChoice;

/// What holds where the command line says nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The lanes.
    pub lanes: Vec<Lane>,
    /// The scale.
    pub scale: ScaleChoice,
    /// What the whole suite may take. What it ends has no verdict, so a machine
    /// that is busy must not come near it.
    pub budget: Duration,
    /// What the search for one smallest failing n may take; `None` for no search.
    pub shrink: Option<Duration>,
    /// How many cases run side by side; `None` for one a core.
    pub jobs: Option<usize>,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// What chance repeats with; `None` for another seed each day.
    pub seed: Option<u64>,
}

/// The names of the built-in profiles.
pub const BUILT_IN: [&str; 3] = ["quick", "default", "nightly"];

impl Profile {
    /// The built-in profile of that name.
    pub fn built_in(name: &str) -> Option<Profile> {
        let default = Profile {
            lanes: vec![
                Lane::REFERENCE,
                Lane::REFERENCE_EAGER,
                Lane::NATIVE,
                Lane::NATIVE_RANDOM,
                Lane::NATIVE_SANITIZE,
            ],
            scale: ScaleChoice::Times(1.0),
            budget: Duration::from_mins(30),
            shrink: Some(Duration::from_secs(20)),
            jobs: None,
            fail_fast: false,
            seed: None,
        };
        match name {
            "default" => Some(default),
            // Each program once, as users run it.
            "quick" => Some(Profile {
                lanes: vec![Lane::REFERENCE],
                budget: Duration::from_mins(10),
                ..default
            }),
            // Nobody waits: every search may come to its end, and every way to
            // collect that a nominal n can bear is tried.
            "nightly" => Some(Profile {
                lanes: [
                    &default.lanes[..],
                    &[
                        Lane::NATIVE_CHECKS,
                        Lane::NATIVE_PER_STACK,
                        Lane::NATIVE_NEVER,
                        Lane::NATIVE_TIGHT,
                    ],
                ]
                .concat(),
                budget: Duration::from_hours(1),
                shrink: Some(Duration::from_secs(5 * 60)),
                ..default
            }),
            _ => None,
        }
    }
}
