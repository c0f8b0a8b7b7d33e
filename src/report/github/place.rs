//! Where a scenario stands in the checkout, so that an annotation is shown at its
//! file.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::AnnotationPlace;
use crate::case::Sources;
use crate::scenario::load::SCENARIO_FILE;

/// The checkout, and the catalogues of a run that may stand in it.
pub struct Places<'a> {
    checkout: Option<PathBuf>,
    catalogues: &'a [String],
}

impl Places<'_> {
    /// Below the checkout that `GITHUB_WORKSPACE` names.
    pub fn from_environment(catalogues: &[String]) -> Places<'_> {
        let checkout = std::env::var_os("GITHUB_WORKSPACE").filter(|it| !it.is_empty());
        Places {
            checkout: checkout.map(PathBuf::from),
            catalogues,
        }
    }

    /// The program of a scenario.
    pub fn program(&self, axis: &str, name: &str) -> Option<AnnotationPlace> {
        let folder = self.folder(axis, name)?;
        let main = folder.join(Sources::MAIN);
        let file = if main.is_file() {
            main
        } else {
            folder.join(SCENARIO_FILE)
        };
        self.place(&file, 1)
    }

    /// The first known limit of a scenario.
    pub fn known_limit(&self, axis: &str, name: &str) -> Option<AnnotationPlace> {
        let file = self.folder(axis, name)?.join(SCENARIO_FILE);
        let text = fs::read_to_string(&file).ok()?;
        let entry = text
            .lines()
            .position(|line| line.trim_start().starts_with("[[known]]"));
        self.place(&file, entry.map_or(1, |line| line + 1))
    }

    /// A line of a file that a message names, or of the file that makes a folder a
    /// scenario.
    pub fn of_file(&self, path: &str, line: usize) -> Option<AnnotationPlace> {
        let path = Path::new(path);
        let described = path.join(SCENARIO_FILE);
        let file = match path.is_dir() && described.is_file() {
            true => &described,
            false => path,
        };
        self.place(file, line)
    }

    /// The folder of a scenario in one of the layouts of a catalogue.
    fn folder(&self, axis: &str, name: &str) -> Option<PathBuf> {
        self.checkout.as_ref()?;
        self.catalogues.iter().find_map(|catalogue| {
            let catalogue = Path::new(catalogue).canonicalize().ok()?;
            let itself = catalogue.ends_with(name).then(|| catalogue.clone());
            let below = [catalogue.join(axis).join(name), catalogue.join(name)];
            let mut folders = below.into_iter().chain(itself);
            folders.find(|it| it.join(SCENARIO_FILE).is_file())
        })
    }

    /// A line of a file, where the file is one of the checkout.
    fn place(&self, file: &Path, line: usize) -> Option<AnnotationPlace> {
        let checkout = self.checkout.as_ref()?.canonicalize().ok()?;
        let file = file.canonicalize().ok()?;
        let inside = file.strip_prefix(checkout).ok()?;
        Some(AnnotationPlace {
            file: inside.display().to_string(),
            line,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_of_the_checkout_is_found_in_each_layout() {
        let checkout = tempfile::tempdir().unwrap();
        let folder = checkout.path().join("tests/stress/maps/one");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(SCENARIO_FILE), "n = 1\n\n[[known]]\n").unwrap();
        fs::write(folder.join(Sources::MAIN), "").unwrap();
        let places = |catalogue: &str, checkout: &Path| {
            let catalogues = vec![folder.join(catalogue).display().to_string()];
            let places = Places {
                checkout: Some(checkout.to_owned()),
                catalogues: &catalogues,
            };
            (
                places.program("maps", "one"),
                places.known_limit("maps", "one"),
            )
        };
        let place = |file: &str, line| {
            Some(AnnotationPlace {
                file: format!("tests/stress/maps/one/{file}"),
                line,
            })
        };
        for catalogue in ["../..", "..", ""] {
            assert_eq!(
                places(catalogue, checkout.path()),
                (place("main.vera", 1), place("scenario.toml", 3)),
                "{catalogue}"
            );
        }
        // Elsewhere there is no file that GitHub could show.
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(places("..", elsewhere.path()), (None, None));
        assert_eq!(places("nowhere", checkout.path()), (None, None));
    }
}
