//! From which release of Vera on a lane has what it needs.

use std::cmp::Ordering;

use crate::case::{Engine, GcMode, Lane, VeraVersion};

/// The first release that can collect on every allocation.
const EAGER: &str = "0.0.138";
/// The first release whose modules export what tells their allocator from a function
/// of the program. Without it, a native lane would count and collect nothing, and
/// would look as if it had.
const SHADOW_STACK: &str = "0.0.158";

/// Why a lane cannot run what a Vera of this version compiles, where it cannot.
pub fn missing(lane: Lane, version: &VeraVersion) -> Option<String> {
    let (since, what) = match (lane.engine, lane.mode) {
        (Engine::Reference, GcMode::Eager) => (EAGER, "does not collect on every allocation"),
        (Engine::Reference, _) => return None,
        (Engine::Native, _) => (SHADOW_STACK, "exports too little of its runtime"),
    };
    let older = version.order(&VeraVersion::new(since)) == Ordering::Less;
    older.then(|| format!("Vera {version} {what}: lane {lane} works from {since} on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_names_the_release_from_which_on_it_works() {
        let missing = |lane: Lane, version: &str| missing(lane, &VeraVersion::new(version));
        for (lane, last, first) in [
            (Lane::REFERENCE_EAGER, "0.0.137", "0.0.138"),
            (Lane::NATIVE, "0.0.157", "0.0.158"),
            (Lane::NATIVE_EAGER, "0.0.157", "0.0.158"),
            (Lane::NATIVE_SANITIZE, "0.0.157", "0.0.158"),
        ] {
            let why = missing(lane, last).unwrap();
            let says = format!("lane {lane} works from {first} on");
            assert!(why.starts_with(&format!("Vera {last} ")), "{why}");
            assert!(why.ends_with(&says), "{why}");
            assert_eq!(missing(lane, first), None);
            assert_eq!(missing(lane, "0+unknown"), None);
        }
        assert_eq!(missing(Lane::REFERENCE, "0.0.110"), None);
    }
}
