//! A git repository of Vera, made of the packages of releases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Place, release_python};

/// A checkout under construction, in a folder of a [`Place`].
pub struct History {
    folder: PathBuf,
}

impl History {
    /// An empty one, on branch `main`.
    pub fn new(place: &Place, name: &str) -> History {
        let folder = place.path(name);
        fs::create_dir(&folder).unwrap();
        let history = History { folder };
        history.git(&["init", "--quiet", "--initial-branch=main"]);
        history
    }

    /// The checkout.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// What git prints, without the white space at its end.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_COMMITTER_NAME", "A")])
            .envs([("GIT_AUTHOR_EMAIL", "a@b"), ("GIT_COMMITTER_EMAIL", "a@b")])
            .envs([
                ("GIT_AUTHOR_DATE", "2026-11-21T00:00:00Z"),
                ("GIT_COMMITTER_DATE", "2026-11-21T00:00:00Z"),
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Puts the package of a release in the place of the one that is there.
    pub fn put(&self, release: &str) {
        let package = self.folder.join("vera");
        if package.is_dir() {
            fs::remove_dir_all(&package).unwrap();
        }
        copy(&package_of(release), &package);
        let project = format!("[project]\nname = \"veralang\"\nversion = \"{release}\"\n");
        fs::write(self.folder.join("pyproject.toml"), project).unwrap();
    }

    /// Writes a file of the checkout.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    /// Commits all that is there; gives the hash.
    pub fn commit(&self, subject: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Merges a branch into the one that is checked out.
    pub fn merge(&self, branch: &str) {
        let message = format!("Merge {branch}");
        let quietly = ["merge", "--quiet", "--no-edit", "--message"];
        self.git(&[&quietly[..], &[&message, branch]].concat());
    }

    /// A commit that changes nothing of Vera.
    pub fn idle(&self, subject: &str) -> String {
        self.write(&format!("{subject}.txt"), subject);
        self.commit(subject)
    }

    /// All that a bisection must leave as it is.
    pub fn state(&self) -> Vec<String> {
        let asked = [
            &["status", "--porcelain", "--branch", "--ignored"][..],
            &["rev-parse", "HEAD", "--symbolic-full-name", "HEAD"],
            &["for-each-ref"],
            &["stash", "list"],
            &["worktree", "list", "--porcelain"],
            &["ls-files", "--stage"],
            &["reflog"],
            &["config", "--local", "--list"],
        ];
        asked.iter().map(|arguments| self.git(arguments)).collect()
    }
}

/// The package of an installed release.
fn package_of(release: &str) -> PathBuf {
    let library = release_python(release)
        .parent()
        .unwrap()
        .with_file_name("lib");
    let versions = fs::read_dir(library).unwrap();
    versions
        .map(|entry| entry.unwrap().path().join("site-packages/vera"))
        .find(|it| it.is_dir())
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        match path.is_dir() {
            true if name == "__pycache__" => {}
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}
