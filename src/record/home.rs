//! The folder in which a project has what is recorded of it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// The name of the folder, below the working directory.
const NAME: &str = ".vera-stress";

/// What keeps it out of repositories.
const IGNORE: &str = ".gitignore";
const ALL: &str =
    "# Made by vera-stress: what is recorded on a machine belongs into no repository.\n*\n";

/// Makes a folder, with all above it. If it is our own, or in it, git ignores what
/// is there from now on, unless somebody wrote down what git ignores there.
pub fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if let Some(ours) = folder.ancestors().find(|it| it.ends_with(NAME)) {
        // Where that cannot be written, nothing is lost.
        let _ = File::create_new(ours.join(IGNORE)).and_then(|mut it| it.write_all(ALL.as_bytes()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_folder_ignores_itself_and_no_other_does() {
        let place = tempfile::tempdir().unwrap();
        let ignore = place.path().join(NAME).join(IGNORE);
        make(&place.path().join("elsewhere")).unwrap();
        assert!(!place.path().join("elsewhere").join(IGNORE).exists());
        make(&place.path().join(NAME).join("failures/life")).unwrap();
        assert_eq!(fs::read_to_string(&ignore).unwrap(), ALL);
        fs::write(&ignore, "failures/\n").unwrap();
        make(&place.path().join(NAME)).unwrap();
        assert_eq!(fs::read_to_string(&ignore).unwrap(), "failures/\n");
    }
}
