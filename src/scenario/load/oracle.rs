//! Where what is expected, and what is read, comes from: a line or a function.

use super::uses::{CommonFiles, script};
use crate::scenario::error::ScenarioError;
use crate::scenario::folder::Folder;
use crate::scenario::format::ScenarioFile;
use crate::scenario::names::{EXPECT_FILE, INPUT_FILE, SCENARIO_FILE};
use crate::scenario::oracle::{Oracle, Source, StandardInput};
use crate::scenario::script::{Expression, Script};

/// Where the text or value of a key comes from: its line in `scenario.toml`, or
/// the function of the same name in a script.
fn source(
    folder: &Folder,
    (table, name): (&str, &str),
    line: Option<Expression>,
    (file, script): (&str, Option<&Script>),
) -> Result<Option<Source>, ScenarioError> {
    let place = folder.place(SCENARIO_FILE);
    let parameters = script.and_then(|script| script.functions().get(name).copied());
    match (line, parameters) {
        (Some(_), Some(_)) => Err(ScenarioError::wrong(
            place,
            format!("`{table}.{name}` stands here, and `fn {name}(n)` in {file} too"),
            "keep one of the two",
        )),
        (Some(line), None) => Ok(Some(Source::Line(line.in_file(&place)))),
        (None, Some(1)) => Ok(Some(Source::Function)),
        (None, Some(parameters)) => Err(ScenarioError::wrong(
            folder.place(file),
            format!("`fn {name}` takes {parameters} parameters"),
            format!("write `fn {name}(n)`"),
        )),
        (None, None) => Ok(None),
    }
}

/// Where the expected result comes from.
pub fn oracle(
    folder: &Folder,
    used: &CommonFiles<'_>,
    keys: &mut ScenarioFile,
    place: &str,
) -> Result<Oracle, ScenarioError> {
    let script = script(folder, used, EXPECT_FILE)?;
    let expect = &mut keys.expect;
    let from = |name, line| {
        let functions = (EXPECT_FILE, script.as_ref());
        source(folder, ("expect", name), line, functions)
    };
    let value = from("value", expect.value.take())?;
    let stdout = from("stdout", expect.stdout.take())?;
    let stderr = from("stderr", expect.stderr.take())?;
    if value.is_none() && stdout.is_none() && stderr.is_none() {
        return Err(ScenarioError::wrong(
            place,
            "nothing is expected, so nothing could fail",
            format!(
                "write [expect] with value = \"n * (n + 1) / 2\" or stdout = \"...\", or `fn value(n)` or `fn stdout(n)` in {EXPECT_FILE}"
            ),
        ));
    }
    // A script without any of the functions would be a file that nobody asks.
    let asked = [&value, &stdout, &stderr];
    if script.is_some() && !asked.iter().any(|it| matches!(it, Some(Source::Function))) {
        return Err(ScenarioError::wrong(
            folder.place(EXPECT_FILE),
            "there is no `fn value(n)`, `fn stdout(n)` or `fn stderr(n)`",
            "write the one that gives what is expected, or take the file out",
        ));
    }
    Ok(Oracle {
        value,
        stdout,
        stderr,
        script,
        otherwise: None,
        agreement: None,
    })
}

/// Where the text on standard input comes from.
pub fn input(
    folder: &Folder,
    used: &CommonFiles<'_>,
    keys: &mut ScenarioFile,
) -> Result<StandardInput, ScenarioError> {
    let script = script(folder, used, INPUT_FILE)?;
    let line = keys.input.take().map(|input| input.stdin);
    let stdin = source(
        folder,
        ("input", "stdin"),
        line,
        (INPUT_FILE, script.as_ref()),
    )?;
    // A script without the function would be a file that nobody asks.
    if script.is_some() && !matches!(stdin, Some(Source::Function)) {
        return Err(ScenarioError::wrong(
            folder.place(INPUT_FILE),
            "there is no `fn stdin(n)`",
            "write `fn stdin(n) { ... }` that gives the text on standard input, or take the file out",
        ));
    }
    Ok(StandardInput { stdin, script })
}
