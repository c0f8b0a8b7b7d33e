//! The cache directory: installed releases, compiled modules, bytecode.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::error::ToolchainError;
use super::installation::Toolchain;
use crate::case::Bytes;

/// The cache directory of this user, or the one that was named.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache at `root`, or `vera-stress` in the user's cache directory.
    /// Nothing is created before it is needed.
    pub fn at(root: Option<PathBuf>) -> Cache {
        let root = root.unwrap_or_else(|| match etcetera::choose_base_strategy() {
            Ok(strategy) => strategy.cache_dir().join("vera-stress"),
            // A user without a home directory still has a temporary one.
            Err(_) => std::env::temp_dir().join("vera-stress-cache"),
        });
        Cache {
            root: std::path::absolute(&root).unwrap_or(root),
        }
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Installed releases and environments, one folder each.
    pub fn toolchains(&self) -> PathBuf {
        self.root.join("toolchains")
    }

    /// Compiled modules by content.
    pub fn modules(&self) -> PathBuf {
        self.root.join("modules")
    }

    /// What Python makes of sources: bytecode of those that are not ours to
    /// write beside, and the tables of parsers.
    pub fn bytecode(&self) -> PathBuf {
        self.root.join("bytecode")
    }

    /// The bytecode of one toolchain. Python believes a file's time and size,
    /// which an edit can keep; the fingerprint knows better.
    pub fn bytecode_of(&self, toolchain: &Toolchain) -> PathBuf {
        self.bytecode().join(toolchain.fingerprint.to_string())
    }

    /// The tables of a toolchain's parser, which take longer to build than to
    /// read.
    pub fn parser_tables(&self, toolchain: &Toolchain) -> PathBuf {
        self.bytecode_of(toolchain).join("parser-tables")
    }

    /// The file that says that a toolchain was seen to work with this worker.
    pub fn trial_of(&self, toolchain: &Toolchain, worker: &str) -> PathBuf {
        let worker = blake3::hash(worker.as_bytes()).to_hex();
        self.bytecode_of(toolchain)
            .join(format!("works-{}", &worker[..12]))
    }

    /// The error that says that this cache cannot be used.
    pub fn error(&self, why: io::Error) -> ToolchainError {
        ToolchainError::Cache {
            path: self.root.clone(),
            why,
        }
    }

    /// Holds the lock called `name` until the result is dropped. Locks end with
    /// the process that holds them, however it ends.
    pub fn lock(&self, name: &str) -> io::Result<File> {
        fs::create_dir_all(self.toolchains())?;
        let file = File::create(self.toolchains().join(format!("{name}.lock")))?;
        file.lock()?;
        Ok(file)
    }

    /// Removes compiled modules and bytecode, and with `toolchains` the
    /// installed releases too; gives how much was freed.
    pub fn clean(&self, toolchains: bool) -> io::Result<Bytes> {
        let mut freed = 0;
        let mut folders = vec![self.modules(), self.bytecode()];
        if toolchains {
            folders.push(self.toolchains());
        }
        for folder in folders {
            freed += size_of(&folder).0;
            match fs::remove_dir_all(&folder) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
                _ => {}
            }
        }
        Ok(Bytes(freed))
    }
}

/// The size of all files below `path`; 0 where there is nothing.
pub fn size_of(path: &Path) -> Bytes {
    let Ok(about) = fs::symlink_metadata(path) else {
        return Bytes(0);
    };
    if !about.is_dir() {
        return Bytes(about.len());
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    Bytes(entries.map(|entry| size_of(&entry.path()).0).sum())
}
