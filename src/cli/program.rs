//! What is said on the command line of a program that is given by its path.

use std::path::PathBuf;

use clap::Args;

use crate::case::Problem;
use crate::files;
use crate::record::again::quoted;
use crate::scenario::ExpectedEnd;
use crate::scenario::stand_in::Given;

/// Under what these options stand in the help.
const HEADING: &str = "Programs by path";

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct ProgramArgs {
    /// An argument of `main`; again for the next one
    #[arg(help_heading = HEADING, long = "arg", value_name = "VALUE", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// The file that it reads as standard input
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// The folder whose files it has, each case in a copy of its own [default: the
    /// program's own]
    #[arg(help_heading = HEADING, long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// A variable of the environment that it sees; it sees no other
    #[arg(help_heading = HEADING, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// What it must return, as `vera run` shows it
    #[arg(help_heading = HEADING, long, value_name = "VALUE", allow_hyphen_values = true)]
    value: Option<String>,
    /// The file with what it must print
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    stdout: Option<PathBuf>,
    /// The code with which it must end itself
    #[arg(help_heading = HEADING, long, value_name = "CODE", group = "end", allow_hyphen_values = true)]
    exit: Option<i64>,
    /// The code of the diagnostic with which Vera must refuse it, such as E129
    #[arg(help_heading = HEADING, long, value_name = "CODE", group = "end")]
    refused: Option<String>,
    /// The kind of trap that it must end with, such as overflow
    #[arg(help_heading = HEADING, long, value_name = "KIND", group = "end")]
    trap: Option<String>,
    /// What the error of the host must say that it must end with
    #[arg(help_heading = HEADING, long, value_name = "TEXT", group = "end")]
    host_error: Option<String>,
}

/// A variable as it is typed.
fn variable(text: &str) -> Result<(String, String), Problem> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Problem::new(format!("`{text}` is no variable")).next("write NAME=VALUE")),
    }
}

impl ProgramArgs {
    /// Whether anything is said.
    pub fn is_empty(&self) -> bool {
        *self == ProgramArgs::default()
    }

    /// What a program is given, and what must come of it.
    pub fn given(&self) -> Result<Given, Problem> {
        let (mut options, mut says) = (Vec::new(), Vec::new());
        let option = |words: &mut Vec<String>, name: &str, word: &str| {
            words.push(format!("--{name}={}", quoted(word)));
        };
        let read = |what: &str, path: &Option<PathBuf>| {
            let Some(path) = path else { return Ok(None) };
            let text = files::read_to_string(path).map_err(|why| {
                Problem::new(format!("--{what} {} cannot be read: {why}", path.display()))
                    .next("name a file with text in UTF-8")
            })?;
            Ok::<_, Problem>(Some(text))
        };
        let (stdin, stdout) = (read("stdin", &self.stdin)?, read("stdout", &self.stdout)?);
        if let Some(path) = &self.stdin {
            option(&mut options, "stdin", &path.display().to_string());
        }
        if let Some(path) = &self.stdout {
            option(&mut says, "stdout", &path.display().to_string());
        }
        if let Some(folder) = &self.files {
            if !folder.is_dir() {
                return Err(
                    Problem::new(format!("--files {} is no folder", folder.display()))
                        .next("name the folder that the program is to find its files in"),
                );
            }
            option(&mut options, "files", &folder.display().to_string());
        }
        for (name, value) in &self.env {
            option(&mut options, "env", &format!("{name}={value}"));
        }
        if let Some(value) = &self.value {
            option(&mut says, "value", value);
        }
        let ends = [
            ("exit", self.exit.map(ExpectedEnd::Exit)),
            ("refused", self.refused.clone().map(ExpectedEnd::Refused)),
            ("trap", self.trap.clone().map(ExpectedEnd::Trap)),
            (
                "host-error",
                self.host_error.clone().map(ExpectedEnd::HostError),
            ),
        ];
        let end = ends.into_iter().find_map(|(name, end)| Some((name, end?)));
        if let Some((name, end)) = &end {
            let word = match end {
                ExpectedEnd::Exit(code) => code.to_string(),
                ExpectedEnd::Trap(word)
                | ExpectedEnd::Refused(word)
                | ExpectedEnd::HostError(word) => word.clone(),
                ExpectedEnd::Value(value) => value.to_string(),
            };
            option(&mut says, name, &word);
            if self.value.is_some() {
                return Err(Problem::new(format!(
                    "--value and --{name} are both given, and a program that ends so returns nothing"
                ))
                .next("leave one of them out"));
            }
        }
        let end = end.map(|(_, end)| end.possible()).transpose()?;
        Ok(Given {
            arguments: self.arguments.clone(),
            argument_options: (self.arguments.iter())
                .map(|it| format!("--arg={}", quoted(it)))
                .collect(),
            stdin,
            files: self.files.clone(),
            env: self.env.iter().cloned().collect(),
            value: self.value.clone(),
            stdout,
            end,
            options,
            says,
        })
    }
}
