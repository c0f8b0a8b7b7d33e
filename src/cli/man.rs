//! `vera-stress man`: the manual pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::end::Stopped;
use super::exit::Exit;
use super::{CommandLine, EXIT_CODES, outputs, print};
use crate::case::Problem;

/// What the main page says beside the commands and options.
const SECTIONS: [(&str, &[(&str, &str)]); 3] = [
    (
        "FILES",
        &[
            (
                "vera-stress.toml",
                "Profiles and defaults of a project, in the working directory or above it.",
            ),
            (
                ".vera-stress/failures/",
                "A folder for each failure, with all that is needed to see it again.",
            ),
            (".vera-stress/history.db", "Every run and climb, as SQLite."),
            (
                "~/.cache/vera-stress/",
                "Installed releases of Vera and compiled programs; --cache-dir names another.",
            ),
        ],
    ),
    (
        "ENVIRONMENT",
        &[
            (
                "NO_COLOR",
                "Where it is set, nothing is coloured; --color decides otherwise.",
            ),
            (
                "XDG_CACHE_HOME",
                "The user's cache directory, where it is not ~/.cache.",
            ),
            (
                "GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE",
                "With --github: the file that the job summary is added to, and the checkout that the files of annotations are relative to.",
            ),
        ],
    ),
    (
        "EXAMPLES",
        &[
            (
                "vera-stress",
                "Runs the whole catalogue on the default release of Vera.",
            ),
            (
                "vera-stress run 'array-*' --vera latest",
                "Runs some scenarios on the latest release.",
            ),
            (
                "vera-stress climb life",
                "Raises the scale of one until it fails or a budget is spent.",
            ),
            (
                "vera-stress compare --vera 0.1.5..0.2.5 --tag seed",
                "Says what got worse from release to release.",
            ),
            (
                "vera-stress bisect linked-list --good 0.1.5 --bad 0.2.5",
                "Finds the first release in which a case fails.",
            ),
        ],
    ),
];

#[derive(Args, Debug)]
pub struct ManArgs {
    /// Write a page for vera-stress and one for each command into this directory
    /// [default: print the page for vera-stress]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Overwrite files that vera-stress did not write
    #[arg(long, requires = "dir")]
    force: bool,
}

pub fn run(args: &ManArgs) -> Result<Exit, Stopped> {
    // No page is written for `help`.
    let mut command = CommandLine::command().disable_help_subcommand(true);
    // Gives each command the options that all of them take.
    command.build();
    match &args.dir {
        None => print(page(&command)?.trim_end()),
        Some(dir) => write(&command, dir, args.force)?,
    }
    Ok(Exit::Success)
}

fn write(command: &Command, dir: &Path, force: bool) -> Result<(), Problem> {
    let cannot = |path: &Path, why: io::Error| {
        Problem::new(format!("{} cannot be written: {why}", path.display()))
            .next("name a directory that you may write to")
            .because(why)
    };
    fs::create_dir_all(dir).map_err(|why| cannot(dir, why))?;
    for command in std::iter::once(command).chain(command.get_subcommands()) {
        let path = dir.join(format!("{}.1", called(command)));
        outputs::write(&path, &page(command)?, is_ours, force)?;
    }
    print(format!("{}: the manual pages", dir.display()));
    Ok(())
}

/// Whether a file that begins so is one of the pages.
fn is_ours(start: &[u8]) -> bool {
    String::from_utf8_lossy(start).contains(".TH VERA-STRESS")
}

/// The name of a page: `vera-stress-run`.
fn called(command: &Command) -> String {
    command
        .get_display_name()
        .unwrap_or(command.get_name())
        .to_owned()
}

fn page(command: &Command) -> Result<String, Problem> {
    let name = called(command);
    let is_main = name == "vera-stress";
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    let render = |text: &mut Vec<u8>| {
        man.render_title(text)?;
        man.render_name_section(text)?;
        text.extend(synopsis(command).as_bytes());
        man.render_description_section(text)?;
        if is_main {
            man.render_subcommands_section(text)?;
        }
        man.render_options_section(text)
    };
    render(&mut text).map_err(|why| {
        Problem::new(format!("the page {name} cannot be made: {why}")).because(why)
    })?;
    let text = String::from_utf8(text).expect("a page is made of text");
    let mut text = titled(&text, &name);
    text.push_str(&exit_codes(command));
    if is_main {
        for (title, items) in SECTIONS {
            text.push_str(&section(title, items));
        }
    } else {
        text.push_str(".SH \"SEE ALSO\"\n.BR vera\\-stress (1)\n");
    }
    Ok(text)
}

/// How the command is called, in the words of `--help`: the library's own names every
/// option without its value, and does not say what may stand several times.
fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:");
    let lines: Vec<String> = usage.lines().map(|line| roff(line.trim())).collect();
    format!(".SH SYNOPSIS\n{}\n", lines.join("\n.br\n"))
}

/// The page with a title line of its own: the library's leaves out a date that is
/// not known, and what follows it takes its place.
fn titled(page: &str, name: &str) -> String {
    let title = format!(
        ".TH {} 1 \"\" \"vera-stress {}\" \"User Commands\"",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION")
    );
    let line = |line: &str| match line.starts_with(".TH ") {
        true => format!("{title}\n"),
        false => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}

/// The exit codes, from the text that `--help` ends with.
fn exit_codes(command: &Command) -> String {
    let help = command.get_after_help().map(ToString::to_string);
    let help = help.unwrap_or(EXIT_CODES.to_owned());
    let mut text = String::from(".SH \"EXIT STATUS\"\n");
    for line in help.lines().skip(1) {
        match line.trim_start().split_once("  ") {
            Some((code, what)) if code.parse::<u8>().is_ok() => {
                text.push_str(&item(code, what.trim_start()));
            }
            _ => text.push_str(&format!("{}\n", roff(line.trim()))),
        }
    }
    text
}

fn section(title: &str, items: &[(&str, &str)]) -> String {
    let items: String = items.iter().map(|(name, what)| item(name, what)).collect();
    format!(".SH {title}\n{items}")
}

fn item(name: &str, what: &str) -> String {
    format!(".TP\n\\fB{}\\fR\n{}\n", roff(name), roff(what))
}

/// Plain text: no request of its own, and hyphens that can be copied.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_request() {
        assert_eq!(roff(".vera-stress\\x"), "\\&.vera\\-stress\\ex");
        assert_eq!(roff("'quoted'"), "\\&'quoted'");
    }

    #[test]
    fn each_exit_code_is_an_item_with_all_of_its_lines() {
        let help = "Exit codes:\n  0    fine\n  1    a case\n       failed\n";
        let command = Command::new("x").after_help(help);
        assert_eq!(
            exit_codes(&command),
            ".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\nfine\n.TP\n\\fB1\\fR\na case\nfailed\n"
        );
    }
}
