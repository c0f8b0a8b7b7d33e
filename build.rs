//! The scenarios are embedded in the binary; a change in one is a change of it.

fn main() {
    println!("cargo::rerun-if-changed=scenarios");
}
