//! The work on modules: the rewriters on random modules, the sanitizer on
//! programs that are wrong, and the faults that are planted in them.

#[path = "../common/native.rs"]
mod native;

mod graft;

mod faults;
mod sanitizer_accesses;
mod sanitizer_finds;
mod sanitizer_fuzz;
