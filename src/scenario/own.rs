//! Where a project keeps its scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use super::catalogue::PROGRAMS;
use super::disk::holds_scenarios;

/// The scenarios of a project, from its root.
pub const FOLDER: &str = "tests/stress";

/// What the root of a repository holds.
const ROOT: &str = ".git";

/// The scenarios of the project that `here` is in: [`FOLDER`] in it, or in the
/// nearest folder above that has scenarios there, as far as the repository goes.
/// The pytest plugin looks in the same way.
///
/// What is given is a path from `here`.
pub fn above(here: &Path) -> Option<PathBuf> {
    let mut up = PathBuf::new();
    for folder in here.ancestors() {
        let own = folder.join(FOLDER);
        if holds_scenarios(&own) || holds_programs(&own) {
            return Some(up.join(FOLDER));
        }
        if folder.join(ROOT).exists() {
            return None;
        }
        up.push("..");
    }
    None
}

/// Whether a catalogue has programs that need no more.
fn holds_programs(catalogue: &Path) -> bool {
    let entries = fs::read_dir(catalogue.join(PROGRAMS)).into_iter().flatten();
    let is_program = |it: &Path| it.extension().is_some_and(|it| it == "vera");
    entries.flatten().any(|it| is_program(&it.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_above_as_far_as_the_repository_goes() {
        let outer = tempfile::tempdir().unwrap();
        let make = |path: &str| fs::create_dir_all(outer.path().join(path)).unwrap();
        make("repository/.git");
        make("repository/src/deep");
        let found = |from: &str| above(&outer.path().join(from)).map(|it| it.display().to_string());
        assert_eq!(found("repository/src"), None);
        // Tests of another kind are no scenarios.
        make("repository/tests/stress/data/deep");
        assert_eq!(found("repository/src"), None);
        make("tests/stress/maps/outside");
        fs::write(outer.path().join("tests/stress/maps/outside/main.vera"), "").unwrap();
        assert_eq!(found("repository/src"), None, "the repository ends below");
        assert_eq!(found(".").as_deref(), Some("tests/stress"));
        make("programs/.git");
        make("programs/tests/stress/programs");
        assert_eq!(found("programs"), None);
        fs::write(
            outer.path().join("programs/tests/stress/programs/a.vera"),
            "",
        )
        .unwrap();
        assert_eq!(found("programs").as_deref(), Some("tests/stress"));
        make("repository/tests/stress/maps/one");
        let file = "repository/tests/stress/maps/one/scenario.toml";
        fs::write(outer.path().join(file), "").unwrap();
        assert_eq!(found("repository").as_deref(), Some("tests/stress"));
        assert_eq!(
            found("repository/src/deep").as_deref(),
            Some("../../tests/stress")
        );
    }
}
