//! The work on modules: the rewriters on random modules, the sanitizer on
//! programs that are wrong, and the faults that are planted in them.

#[expect(dead_code, reason = "the tests of the engine use the rest")]
#[path = "../common/native.rs"]
mod native;

mod graft;
mod heap_events;
mod properties;
mod smith;

mod faults;
mod faults_everywhere;
mod sanitizer_accesses;
mod sanitizer_finds;
mod sanitizer_fuzz;
mod seeds;
mod tight;
