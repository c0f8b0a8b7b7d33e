//! git, asked so that the checkout it is asked about stays as it is.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::case::Problem;
use crate::record::again::quoted;
use crate::scratch::Scratch;

/// A repository, by a directory in it.
#[derive(Clone, Debug)]
pub struct Git {
    directory: PathBuf,
}

/// How a person gets at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// The command that comes first, where there is one.
    pub first: Option<String>,
    /// What stands after `--vera` then.
    pub vera: String,
}

/// What keeps git from answering.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It is not there.
    #[error("git is not on the PATH, and the commits of a checkout cannot be had without it")]
    NoGit,
    /// It cannot be started.
    #[error("git cannot be started: {0}")]
    Start(io::Error),
    /// It said no.
    #[error("`git {command}` failed in {}: {detail}", directory.display())]
    Failed {
        /// Its arguments.
        command: String,
        /// Where.
        directory: PathBuf,
        /// What it said.
        detail: String,
    },
    /// No place for a worktree.
    #[error("no directory for a worktree could be made: {0}")]
    NoPlace(io::Error),
}

impl GitError {
    /// What keeps git from answering, and what to do about it.
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.to_string());
        match self {
            GitError::NoGit => problem.next("install git"),
            GitError::Start(_) => problem.next("run `git --version`"),
            GitError::Failed { .. } => problem,
            GitError::NoPlace(_) => problem.next(
                "free some space in the temporary directory, or name another one with TMPDIR",
            ),
        }
    }
}

impl From<GitError> for Problem {
    fn from(why: GitError) -> Problem {
        why.problem()
    }
}

impl Git {
    /// For the repository that `directory` is in.
    pub fn at(directory: &Path) -> Git {
        Git {
            directory: directory.to_owned(),
        }
    }

    /// What git prints, without the white space at its end.
    pub fn ask(&self, arguments: &[&str]) -> Result<String, GitError> {
        let mut command = Command::new("git");
        // What a hook that called us was told about its own repository.
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_COMMON_DIR",
            "GIT_PREFIX",
            "GIT_NAMESPACE",
        ] {
            command.env_remove(name);
        }
        let output = command
            .arg("-C")
            .arg(&self.directory)
            // Nothing of the repository's is run, and nothing of it is tidied up.
            .args(["-c", "core.hooksPath=/dev/null"])
            .args(["-c", "core.fsmonitor=false"])
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"])
            .args(arguments)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            // Ctrl-C is for us: a worktree that is half made or half removed
            // would be left behind.
            .process_group(0)
            .output()
            .map_err(|why| match why.kind() {
                io::ErrorKind::NotFound => GitError::NoGit,
                _ => GitError::Start(why),
            })?;
        if output.status.success() {
            let text = String::from_utf8_lossy(&output.stdout);
            return Ok(text.trim_end().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let detail = said.lines().find(|line| !line.trim().is_empty());
        Err(GitError::Failed {
            command: arguments.join(" "),
            directory: self.directory.clone(),
            detail: detail.unwrap_or("it said nothing").trim().to_owned(),
        })
    }

    /// The commit that a tag stands for, where there is such a tag.
    pub fn tagged(&self, tag: &str) -> Option<String> {
        let commit = format!("refs/tags/{tag}^{{commit}}");
        self.ask(&["rev-parse", "--quiet", "--verify", &commit])
            .ok()
    }

    /// How a person makes a worktree of a commit that is called `name`.
    pub fn by_hand(&self, name: &str, commit: &str) -> ByHand {
        let place = std::env::temp_dir().join(format!("vera-{name}"));
        ByHand {
            first: Some(format!(
                "git -C {} worktree add --detach {} {commit}",
                quoted(&self.directory.display().to_string()),
                quoted(&place.display().to_string()),
            )),
            vera: place.display().to_string(),
        }
    }

    /// A worktree of its own for a commit, gone when it is dropped.
    pub fn worktree(&self, commit: &str) -> Result<Worktree, GitError> {
        let folder = Scratch::new().map_err(GitError::NoPlace)?;
        // git calls its own part of it by the last name of the path.
        let name = folder.path().file_name().unwrap_or_default();
        let path = folder.path().join(name);
        let worktree = Worktree {
            git: self.clone(),
            path,
            folder,
        };
        let path = worktree.path.to_string_lossy();
        let add = ["worktree", "add", "--quiet", "--detach", &path, commit];
        self.ask(&add)?;
        if let Some(kept) = worktree.kept() {
            worktree
                .folder
                .goes_with(&kept)
                .map_err(GitError::NoPlace)?;
        }
        Ok(worktree)
    }
}

/// A worktree in a temporary directory, which is removed with what git keeps
/// about it.
#[derive(Debug)]
pub struct Worktree {
    git: Git,
    path: PathBuf,
    folder: Scratch,
}

impl Worktree {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A sentence without its path, which nobody can look at afterwards.
    pub fn unnamed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // What was resolved may be longer, and hold the other.
        let resolved = self.path.canonicalize().ok();
        for path in resolved.iter().chain([&self.path]) {
            text = text.replace(&*path.to_string_lossy(), "this commit");
        }
        text
    }

    /// What git keeps about it in the repository; the worktree itself says where.
    fn kept(&self) -> Option<PathBuf> {
        let text = fs::read_to_string(self.path.join(".git")).ok()?;
        let kept = PathBuf::from(text.trim().strip_prefix("gitdir: ")?);
        let is_its_own = kept.file_name() == self.path.file_name();
        Some(kept).filter(|_| is_its_own)
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        let kept = self.kept();
        let path = self.path.to_string_lossy();
        // Twice, since one --force does not remove a worktree that is locked.
        let remove = ["worktree", "remove", "--force", "--force", &path];
        if self.git.ask(&remove).is_err()
            && let Some(kept) = kept
        {
            // `git worktree prune` would take with it whatever else is stale in the
            // user's repository.
            let _ = fs::remove_dir_all(kept);
        }
    }
}
