//! The names that files and folders of a catalogue have, and may have.

/// The file that makes a folder a scenario.
pub const SCENARIO_FILE: &str = "scenario.toml";
/// The script that computes what is expected.
pub const EXPECT_FILE: &str = "expect.rhai";
/// The script that computes what the program reads.
pub const INPUT_FILE: &str = "input.rhai";
/// The script that writes a program for each n.
pub const PROGRAM_FILE: &str = "program.rhai";
/// The folder with the files that the program is given.
pub const FILES_FOLDER: &str = "files";
/// The folder of a catalogue that is no axis: it holds what scenarios share.
pub const COMMON: &str = "common";

/// Whether a scenario, or an axis, may be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(plain)
}

/// Whether `name` is the path of a file in the folder that a program runs in, as the
/// program's host writes it.
pub fn is_file_name(name: &str) -> bool {
    name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether `name` can be written below a folder without leaving it.
pub fn is_source_name(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    name.ends_with(".vera") && name.split('/').all(plain)
}
