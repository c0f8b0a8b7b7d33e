//! A command that was meant and typed wrong: without this, it would be taken for
//! the name of a scenario.

use clap::{Command, CommandFactory};

use super::end::Stopped;
use super::{CommandLine, Context};
use crate::case::Problem;
use crate::plan::likeness;

/// How like a command a word must be to be taken for one.
const ALIKE: f64 = 0.8;

/// The command that a word is most like, and how much.
fn nearest(word: &str) -> Option<(f64, String)> {
    let plain = |c: char| c.is_ascii_alphabetic();
    let root = CommandLine::command();
    let mut names: Vec<&str> = root.get_subcommands().map(Command::get_name).collect();
    names.push("help");
    if !word.chars().all(plain) || names.contains(&word) {
        return None;
    }
    names
        .into_iter()
        .map(|it| (likeness(word, it), it.to_owned()))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

fn problem(word: &str, command: &str) -> Problem {
    Problem::new(format!(
        "there is no command `{word}`, and no scenario of that name"
    ))
    .next(format!(
        "did you mean `vera-stress {command}`? `vera-stress help` lists the commands"
    ))
}

/// Refuses a first word without a command that is more like a command than like
/// any scenario.
pub fn refuse(word: Option<&str>, context: &Context) -> Result<(), Stopped> {
    let Some((alike, command)) = word.and_then(nearest) else {
        return Ok(());
    };
    let word = word.unwrap_or_default();
    let catalogue = context.load(&context.directories());
    let mut scenarios = catalogue.scenarios.iter();
    match scenarios.any(|it| likeness(word, &it.name) >= alike) {
        true => Ok(()),
        false => Err(Stopped::usage(problem(word, &command))),
    }
}

/// The same for a command line that cannot be read, whose options may be those of
/// the command that was meant.
pub fn on(words: impl IntoIterator<Item = String>) -> Option<Problem> {
    let first = words.into_iter().nth(1)?;
    let (_, command) = nearest(&first)?;
    Some(problem(&first, &command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_for_the_command_that_it_is_most_like() {
        let command = |word: &str| nearest(word).map(|(_, it)| it);
        for (typed, meant) in [
            ("lsit", "list"),
            ("rnu", "run"),
            ("hisotry", "history"),
            ("comapre", "compare"),
            ("shwo", "show"),
            ("docter", "doctor"),
        ] {
            assert_eq!(command(typed).as_deref(), Some(meant), "{typed}");
        }
        for name in [
            "array-map-int",
            "linked-list",
            "life[native]",
            "nothing",
            "help",
            "",
        ] {
            assert_eq!(command(name), None, "{name}");
        }
        let root = CommandLine::command();
        for it in root.get_subcommands().map(Command::get_name) {
            assert_eq!(command(it), None, "{it} is itself");
        }
    }
}
