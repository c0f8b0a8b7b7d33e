//! Where what is expected, and what is read, comes from: a line or a function.

use std::collections::BTreeMap;

use super::uses::{CommonFiles, script};
use crate::case::Scale;
use crate::scenario::error::ScenarioError;
use crate::scenario::expectation::Agreement;
use crate::scenario::folder::Folder;
use crate::scenario::format::{ExpectKeys, ScenarioFile};
use crate::scenario::names::{EXPECT_FILE, INPUT_FILE, SCENARIO_FILE};
use crate::scenario::oracle::{FilesSource, Oracle, OtherEnd, Source, StandardInput};
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

/// Where the texts of files come from: their lines in `scenario.toml`, or the function
/// for all of them in a script.
fn files(
    folder: &Folder,
    lines: BTreeMap<String, Expression>,
    script: Option<&Script>,
) -> Result<Option<FilesSource>, ScenarioError> {
    let place = folder.place(SCENARIO_FILE);
    let parameters = script.and_then(|script| script.functions().get("files").copied());
    match (lines.is_empty(), parameters) {
        (true, None) => Ok(None),
        (true, Some(1)) => Ok(Some(FilesSource::Function)),
        (false, None) => {
            let in_file = |(path, line): (String, Expression)| (path, line.in_file(&place));
            Ok(Some(FilesSource::Lines(
                lines.into_iter().map(in_file).collect(),
            )))
        }
        (false, Some(_)) => Err(ScenarioError::wrong(
            place,
            format!("`expect.files` stands here, and `fn files(n)` in {EXPECT_FILE} too"),
            "keep one of the two",
        )),
        (true, Some(parameters)) => Err(ScenarioError::wrong(
            folder.place(EXPECT_FILE),
            format!("`fn files` takes {parameters} parameters"),
            "write `fn files(n)`",
        )),
    }
}

/// Where the expected result comes from; `returns_value` says whether `main` returns
/// something that Vera shows.
pub fn oracle(
    folder: &Folder,
    used: &CommonFiles<'_>,
    keys: &mut ScenarioFile,
    place: &str,
    returns_value: bool,
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
    let files = files(folder, std::mem::take(&mut expect.files), script.as_ref())?;
    let otherwise = otherwise(expect, value.as_ref(), place)?;
    let agreement = expect.agree.then_some(Agreement {
        value: returns_value,
    });
    if !expect.at.is_empty() && agreement.is_none() {
        return Err(ScenarioError::wrong(
            place,
            "`expect.at` says what comes at some n, and nothing is expected at others",
            "write agree = true: at all others, every lane must come to the same",
        ));
    }
    let said = value.is_some() || stdout.is_some() || stderr.is_some() || files.is_some();
    if !said && otherwise.is_none() && agreement.is_none() {
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
    let mut asked = asked.iter().map(|it| matches!(it, Some(Source::Function)));
    let asks = asked.any(|it| it) || matches!(files, Some(FilesSource::Function));
    if script.is_some() && !asks {
        return Err(ScenarioError::wrong(
            folder.place(EXPECT_FILE),
            "there is no `fn value(n)`, `fn stdout(n)`, `fn stderr(n)` or `fn files(n)`",
            "write the one that gives what is expected, or take the file out",
        ));
    }
    Ok(Oracle {
        value,
        stdout,
        stderr,
        files,
        script,
        otherwise,
        agreement,
        pins: std::mem::take(&mut expect.at),
    })
}

/// The end of a program that does not return, as `[expect]` has it.
fn otherwise(
    expect: &ExpectKeys,
    value: Option<&Source>,
    place: &str,
) -> Result<Option<OtherEnd>, ScenarioError> {
    let wrong = |what: String, next: &str| Err(ScenarioError::wrong(place, what, next));
    let mut ends = expect.ends();
    if let [(one, _), (other, _), ..] = ends.as_slice() {
        return wrong(
            format!(
                "`expect.{one}` and `expect.{other}` both stand here, and a program ends in one way"
            ),
            "keep one of them",
        );
    }
    let Some((key, end)) = ends.pop() else {
        return match expect.from_n {
            None => Ok(None),
            Some(_) => wrong(
                "`expect.from_n` says from where on a program ends otherwise, and no other end stands here".to_owned(),
                "write exit, trap, refused or host_error as well, or take it out",
            ),
        };
    };
    if value.is_some() && expect.from_n.is_none() {
        return wrong(
            format!(
                "`expect.value` and `expect.{key}` both stand here, and a program that ends so returns nothing"
            ),
            "write from_n, the n from which on it ends so, or keep one of them",
        );
    }
    let end = end.possible().map_err(|problem| {
        let what = format!("`expect.{key}`: {}", problem.what());
        ScenarioError::wrong(place, what, problem.advice().unwrap_or_default())
    })?;
    Ok(Some(OtherEnd {
        end,
        from_n: expect.from_n.unwrap_or(Scale::ONE),
    }))
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
