//! The programs of a directory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::Problem;
use crate::scenario::names::SCENARIO_FILE;

/// How many entries of a directory are looked at.
const MOST: usize = 100_000;

/// What a directory holds.
#[derive(Debug, Default)]
pub struct Found {
    /// Its Vera files, sorted: those of folders below as well. What belongs to a
    /// scenario is none of them.
    pub programs: Vec<PathBuf>,
    /// What could not be looked into.
    pub problems: Vec<Problem>,
}

/// The programs below a directory. Links to directories are not followed: they may
/// lead in a circle. The error is of one that is no directory of programs at all.
pub fn programs_below(directory: &Path) -> Result<Found, Problem> {
    let mut found = Found::default();
    let mut open = vec![directory.to_owned()];
    let mut seen = 0;
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(why) => {
                let why = Problem::new(format!("{} cannot be read: {why}", folder.display()));
                found
                    .problems
                    .push(why.next("make it readable, or name a directory without it"));
                continue;
            }
        };
        let mut inner = Vec::new();
        let mut files = Vec::new();
        let mut is_scenario = false;
        for entry in entries.flatten() {
            seen += 1;
            if seen > MOST {
                return Err(Problem::new(format!(
                    "{} holds more than {MOST} files and folders",
                    directory.display()
                ))
                .next("name a directory of programs"));
            }
            let name = entry.file_name();
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            is_scenario |= name == SCENARIO_FILE;
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => inner.push(path),
                Ok(_) if path.extension().is_some_and(|it| it == "vera") && !path.is_dir() => {
                    files.push(path);
                }
                _ => {}
            }
        }
        if !is_scenario {
            open.extend(inner);
            found.programs.extend(files);
        }
    }
    found.programs.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_below_and_scenarios_and_links_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "b.vera",
            "x/a.vera",
            "x/y/c.vera",
            "s/main.vera",
            "s/scenario.toml",
            ".git/d.vera",
            "e.txt",
        ] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink(root.path(), root.path().join("x/round")).unwrap();
        let found = programs_below(root.path()).unwrap();
        let names: Vec<_> = found
            .programs
            .iter()
            .map(|it| it.strip_prefix(root.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["b.vera", "x/a.vera", "x/y/c.vera"]);
        assert!(found.problems.is_empty());
    }
}
