//! `scenario.toml`, read strictly.

use crate::case::Problem;
use crate::scenario::error::ScenarioError;
use crate::scenario::folder::Folder;
use crate::scenario::format::ScenarioFile;
use crate::scenario::names::SCENARIO_FILE;

/// What the scenario file of a folder says.
pub fn parse(folder: &Folder, place: &str) -> Result<ScenarioFile, ScenarioError> {
    let file = read(folder, place)?;
    for guard in &file.guards {
        if let Some((on, n)) = guard.proven_on().and_then(|on| Some((on, on.n?)))
            && on.fixed_in.is_some()
            && n > file.n
        {
            let what = format!(
                "the guard `{guard}` shows at n={n}, and the scenario goes to n={} only",
                file.n
            );
            let next = "raise n, since what does not show at the scenario's own n is not noticed";
            return Err(ScenarioError::new(place, Problem::new(what).next(next)));
        }
    }
    Ok(file)
}

fn read(folder: &Folder, place: &str) -> Result<ScenarioFile, ScenarioError> {
    let text = folder.files.get(SCENARIO_FILE).ok_or_else(|| {
        folder.error(
            format!("there is no {SCENARIO_FILE} in this folder"),
            "a catalogue holds folders axis/name/ with a scenario.toml and a main.vera each",
        )
    })?;
    toml::from_str(text).map_err(|error| {
        let message = error.message().to_owned();
        // A missing key is nowhere: the parser blames the whole table.
        let missing = message.starts_with("missing field");
        let problem = match instead(&message) {
            Some(next) => Problem::new(message).next(next),
            None => Problem::new(message),
        };
        ScenarioError {
            line: error
                .span()
                .map(|span| line_of(text, span.start))
                .filter(|line| !missing || *line > 1),
            ..ScenarioError::new(place, problem)
        }
    })
}

/// What to write where the TOML parser only says what is wrong.
fn instead(message: &str) -> Option<&'static str> {
    let examples = [
        ("title", "write title = \"array_map over an Array<Int>\""),
        (
            "why",
            "write why = \"\"\"What broke once, and why the result would show it.\"\"\"",
        ),
        ("n", "write n = 1_000"),
        (
            "guards",
            "write a table [[guards]] with class and history, and issue where there is one",
        ),
        ("class", "write class = \"the kind of bug, in a few words\""),
        (
            "history",
            "write history = \"One sentence: what happened, and when.\"",
        ),
        (
            "stdin",
            "write stdin = \"an expression over n\"; for `fn stdin(n)` in input.rhai, take [input] out",
        ),
        ("vera", "write vera = \">=0.1.9\""),
        ("lanes", "write lanes = [\"*\"]"),
        ("from_n", "write from_n = 1_000"),
        ("verdict", "write verdict = \"trap\""),
        ("because", "write because = \"The cause, in one sentence.\""),
    ];
    if let Some(key) = message.strip_prefix("missing field `") {
        let key = key.trim_end_matches('`');
        let example = examples.iter().find(|(name, _)| *name == key);
        return example.map(|(_, example)| *example);
    }
    message
        .starts_with("unknown field")
        .then_some("write one of those, or take the key out")
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text[..offset.min(text.len())].matches('\n').count()
}
