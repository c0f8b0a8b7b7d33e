//! Machine code of modules, kept beside them.
//!
//! Making machine code takes wasmtime tens of milliseconds, taking it from a file
//! one. A file is used only for the very module, rewriting and engine settings
//! that it was made with, and only whole.

// wasmtime marks taking machine code from bytes as unsafe, for it runs what they
// say. What makes it sound is said where it is done.
#![allow(unsafe_code)]

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;

use wasmtime::{Engine, Module};

use crate::instrument::{Unfit, Variant, instrument, roomy::widen, tight::tighten};
use crate::sanitizer::rewrite::sanitize;

/// How long a key or a digest is.
const HASH: usize = blake3::OUT_LEN;

/// How large the tables of Vera's runtime are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// At a sixteenth.
    Tight,
    /// As Vera has them.
    Shipped,
    /// At sixteen times that.
    Roomy,
}

/// What becomes of a module before it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewriting {
    /// How it is rewritten.
    pub variant: Variant,
    /// What its runtime's tables become before that.
    pub tables: Tables,
}

impl Rewriting {
    /// Its name in the files that are kept of it.
    fn name(self) -> String {
        let tables = match self.tables {
            Tables::Tight => "tight-",
            Tables::Shipped => "",
            Tables::Roomy => "roomy-",
        };
        format!("{tables}{}", self.variant.name())
    }

    /// The module as its checks find it.
    pub fn unchecked(self, wasm: &[u8]) -> Result<Vec<u8>, Unfit> {
        match self.tables {
            Tables::Tight => instrument(&tighten(wasm)?, self.variant),
            Tables::Shipped => instrument(wasm, self.variant),
            Tables::Roomy => instrument(&widen(wasm)?, self.variant),
        }
    }

    /// The module as it is run.
    pub fn of(self, wasm: &[u8]) -> Result<Vec<u8>, Unfit> {
        let module = self.unchecked(wasm)?;
        if self.variant != Variant::Sanitized {
            return Ok(module);
        }
        Ok(sanitize(&module)?.map_or(module, |it| it.wasm))
    }
}

/// The machine code of `wasm`, from `folder` where it is kept and whole, else
/// made and kept there.
pub fn load(
    engine: &Engine,
    rewriting: Rewriting,
    wasm: &[u8],
    folder: &Path,
) -> Result<Module, Unfit> {
    let key = key(engine, rewriting, wasm);
    let file = folder.join(format!("native-{}", rewriting.name()));
    if let Some(module) = take(engine, &file, &key) {
        return Ok(module);
    }
    let module = Module::from_binary(engine, &rewriting.of(wasm)?)
        .map_err(|why| Unfit::Invalid(format!("{why:#}")))?;
    // A cache that takes nothing costs time only.
    let _ = keep(&module, &file, &key);
    Ok(module)
}

/// Everything that decides the machine code.
fn key(engine: &Engine, rewriting: Rewriting, wasm: &[u8]) -> blake3::Hash {
    struct Hashed(blake3::Hasher);
    impl Hasher for Hashed {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut hashed = Hashed(blake3::Hasher::new());
    // The rewriting itself: what another version of it made is not ours.
    hashed.write(vera_stress_module::SOURCE_DIGEST.as_bytes());
    hashed.write(rewriting.name().as_bytes());
    engine.precompile_compatibility_hash().hash(&mut hashed);
    hashed.write(wasm);
    hashed.0.finalize()
}

fn take(engine: &Engine, file: &Path, key: &blake3::Hash) -> Option<Module> {
    let kept = fs::read(file).ok()?;
    let (head, code) = kept.split_at_checked(2 * HASH)?;
    let whole = head[..HASH] == *key.as_bytes() && head[HASH..] == *blake3::hash(code).as_bytes();
    if !whole {
        // What replaces it is written beside it first.
        let _ = fs::remove_file(file);
        return None;
    }
    // SAFETY: `Module::deserialize` asks for the unchanged output of
    // `Module::serialize`. These bytes were written by `keep` and by nothing
    // else: their digest is the one that was written with them, and the key
    // says that it was for this module, rewriting and engine. The folder is the
    // user's own, as the program's executable is.
    unsafe { Module::deserialize(engine, code) }.ok()
}

fn keep(module: &Module, file: &Path, key: &blake3::Hash) -> io::Result<()> {
    let code = module.serialize().map_err(io::Error::other)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(key.as_bytes())?;
    new.write_all(blake3::hash(&code).as_bytes())?;
    new.write_all(&code)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTED: Rewriting = Rewriting {
        variant: Variant::Counted,
        tables: Tables::Shipped,
    };
    const SCHEDULED: Rewriting = Rewriting {
        variant: Variant::Scheduled,
        tables: Tables::Shipped,
    };

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn machine_code_is_kept_and_what_is_not_whole_is_made_again() {
        let engine = Engine::default();
        let folder = tempfile::tempdir().unwrap();
        let wasm = module("(module (func (export \"main\") (result i64) i64.const 1))");
        let load = || load(&engine, COUNTED, &wasm, folder.path()).unwrap();
        let file = folder.path().join("native-counted");
        let key = key(&engine, COUNTED, &wasm);
        load();
        let good = fs::read(&file).unwrap();
        assert!(take(&engine, &file, &key).is_some());

        // Any byte that differs, a cut, nothing at all, or another's.
        for at in [0, HASH, 2 * HASH, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, &bad).unwrap();
            assert!(take(&engine, &file, &key).is_none(), "byte {at}");
            assert!(!file.exists(), "what is not whole must be gone");
        }
        for bad in [&good[..0], &good[..HASH], &good[..good.len() - 1]] {
            fs::write(&file, bad).unwrap();
            assert!(take(&engine, &file, &key).is_none());
            load();
            assert_eq!(fs::read(&file).unwrap(), good);
        }
        let other = module("(module (func (export \"main\") (result i64) i64.const 2))");
        let other_key = super::key(&engine, COUNTED, &other);
        assert!(take(&engine, &file, &other_key).is_none());
        assert_ne!(key, super::key(&engine, SCHEDULED, &wasm));
        let tight = Rewriting {
            tables: Tables::Tight,
            ..COUNTED
        };
        assert_ne!(key, super::key(&engine, tight, &wasm));
    }

    #[test]
    fn a_folder_that_takes_nothing_is_no_reason_to_fail() {
        let wasm = module("(module)");
        let nowhere = Path::new("/nonexistent/folder");
        assert!(load(&Engine::default(), COUNTED, &wasm, nowhere).is_ok());
        assert!(load(&Engine::default(), COUNTED, b"\0asm?", nowhere).is_err());
    }
}
