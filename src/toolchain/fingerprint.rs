//! What tells one toolchain from another: the content of its files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A hash of everything that decides what a toolchain compiles and how it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(blake3::Hash);

impl Fingerprint {
    /// The fingerprint of the package below `package` with `dependencies`
    /// installed beside it.
    ///
    /// All files are read, bytecode aside: sizes and times would miss an edit
    /// that keeps both, and reading five megabytes takes a few milliseconds.
    pub fn of(package: &Path, dependencies: &[String]) -> io::Result<Fingerprint> {
        let mut files = Vec::new();
        collect(package, &mut files)?;
        files.sort();
        let mut hasher = blake3::Hasher::new();
        for dependency in dependencies {
            hasher.update(dependency.as_bytes()).update(b"\n");
        }
        for file in files {
            let content = fs::read(&file)?;
            let name = file.strip_prefix(package).unwrap_or(&file);
            hasher.update(name.as_os_str().as_encoded_bytes());
            hasher.update(&(content.len() as u64).to_le_bytes());
            hasher.update(&content);
        }
        Ok(Fingerprint(hasher.finalize()))
    }

    /// The bytes, to be hashed into a key.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The first eight hexadecimal digits, enough for a person.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == "__pycache__" || name.ends_with(".pyc") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_a_file_changes_it_and_bytecode_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path();
        fs::create_dir(package.join("wasm")).unwrap();
        fs::write(package.join("a.py"), "x = 1").unwrap();
        fs::write(package.join("wasm/grammar.lark"), "g").unwrap();
        let of = || Fingerprint::of(package, &["lark==1".to_owned()]).unwrap();
        let first = of();
        assert_eq!(first, of());

        fs::create_dir(package.join("__pycache__")).unwrap();
        fs::write(package.join("__pycache__/a.pyc"), "b").unwrap();
        assert_eq!(first, of());

        fs::write(package.join("a.py"), "x = 2").unwrap();
        assert_ne!(first, of());
        fs::write(package.join("a.py"), "x = 1").unwrap();
        assert_eq!(first, of());

        fs::write(package.join("wasm/grammar.lark"), "h").unwrap();
        assert_ne!(first, of());
        fs::write(package.join("wasm/grammar.lark"), "g").unwrap();
        fs::rename(package.join("a.py"), package.join("b.py")).unwrap();
        assert_ne!(first, of());

        assert_ne!(first, Fingerprint::of(package, &[]).unwrap());
    }
}
