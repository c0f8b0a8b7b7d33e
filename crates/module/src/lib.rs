//! Work on a module that Vera compiled: what Vera's runtime is in it, and how
//! the module is rewritten so that it counts, collects by a schedule, checks
//! its accesses, or has a known fault.
//!
//! Nothing here runs a module, and nothing knows wasmtime.

mod anatomy;
pub mod branches;
mod counting;
pub mod driven;
pub mod faults;
mod graft;
pub mod instrument;
mod names;
mod probes;
pub mod roomy;
pub mod sanitizer;
pub mod schedule;
mod steps;
pub mod text;
pub mod tight;
mod variant;
pub mod vera_runtime;

/// A digest of this crate's sources: two builds with the same digest make the same
/// of a module.
pub const SOURCE_DIGEST: &str = env!("SOURCE_DIGEST");

#[cfg(test)]
#[path = "../digest.rs"]
mod digest;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use super::{SOURCE_DIGEST, digest};

    #[test]
    fn the_digest_is_that_of_every_source() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert_eq!(SOURCE_DIGEST, digest::of_folder(&sources));
        // Also of those in folders of folders.
        let deep = sources.join("sanitizer/collection");
        assert_ne!(digest::of_folder(&deep), digest::of(&BTreeMap::new()));
    }

    #[test]
    fn a_change_of_any_source_is_another_digest() {
        let sources = |all: &[(&str, &str)]| {
            let files = all.iter().map(|(name, text)| {
                let text = text.as_bytes().to_vec();
                (PathBuf::from(name), text)
            });
            digest::of(&files.collect())
        };
        let whole = sources(&[("a.rs", "1"), ("b/c.rs", "2")]);
        assert_eq!(whole, sources(&[("b/c.rs", "2"), ("a.rs", "1")]));
        for other in [
            &[("a.rs", "1"), ("b/c.rs", "3")][..],
            &[("a.rs", "1")],
            &[("a.rs", "1"), ("b/d.rs", "2")],
            &[("a.rs", "12"), ("b/c.rs", "")],
        ] {
            assert_ne!(whole, sources(other));
        }
    }
}
