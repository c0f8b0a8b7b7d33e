//! The native engine through the library: that it comes to what Vera's own comes
//! to, counts what it says it counts, and keeps its limits, whatever it is given.

#[path = "../common/native.rs"]
mod native;

mod agree;
mod roots;
mod watch;

mod agrees;
mod agrees_on_files;
mod agrees_on_hosts;
mod agrees_on_traps;
mod counts;
mod decimal;
mod fuzz;
mod fuzz_hosts;
mod heap_life;
mod interpreter;
mod limits;
mod modules;
mod probes;
mod releases;
mod schedules;
mod trees;
mod uses;
