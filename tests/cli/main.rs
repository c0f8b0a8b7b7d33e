//! Black-box tests: each runs the binary, on the real Vera, in a folder of its
//! own, and looks at what it printed, what it wrote and how it ended.

#[path = "../common/mod.rs"]
mod common;

mod bad_input;
mod bad_programs;
mod bisect;
mod busy;
mod ci_recipes;
mod climb;
mod commands;
mod compare;
mod coverage;
mod detail;
mod documents;
mod evidence;
mod failures;
mod files;
mod fuzz;
mod github;
mod growth;
mod guards;
mod heap_life;
mod history;
mod html;
mod input;
mod install;
#[cfg(target_os = "linux")]
mod killed;
mod known;
mod lanes;
mod man;
mod merge;
mod mistyped;
mod names;
mod new;
mod not_loaded;
mod old_releases;
mod pipeline;
mod planted;
mod positive_controls;
mod programs;
mod recordings;
mod reduce;
mod run;
mod serve;
mod shown;
mod surroundings;
mod tight;
mod toolchain;
mod twins;
mod which_vera;
