//! A digest of every source of this crate: what another version of it made of a
//! module is not what this one would make.

mod digest;

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=digest.rs");
    println!("cargo::rerun-if-changed=build.rs");
    let digest = digest::of_folder(Path::new("src"));
    println!("cargo::rustc-env=SOURCE_DIGEST={digest}");
}
