//! The blocks of a page that hold commands, and how what a command printed is held
//! to what the page shows.

use std::sync::LazyLock;

use regex::Regex;

/// A fenced block of commands.
pub struct Block {
    /// Whether it takes longer than a test should.
    pub long: bool,
    /// Why its commands are not run.
    pub not_run: Option<String>,
    /// What is done before it.
    pub before: Vec<String>,
    /// Its commands, in their order.
    pub steps: Vec<Step>,
}

/// A command, and what is shown of what it prints.
pub struct Step {
    /// The line of the page that it stands on, from 1.
    pub line: usize,
    /// The command.
    pub command: String,
    /// The lines below it.
    pub shown: Vec<String>,
}

/// A block between fences.
struct Fenced<'t> {
    /// What stands behind the fence.
    kind: &'t str,
    /// The number of its first line.
    first: usize,
    lines: Vec<&'t str>,
    /// The comments above it.
    comments: Vec<&'t str>,
}

fn fenced(text: &str) -> Vec<Fenced<'_>> {
    let mut blocks = Vec::new();
    let mut comments = Vec::new();
    let mut open: Option<Fenced<'_>> = None;
    for (at, line) in (1..).zip(text.lines()) {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Fenced {
                    kind,
                    first: at + 1,
                    lines: Vec::new(),
                    comments: std::mem::take(&mut comments),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line),
            (None, None) => match line.strip_prefix("<!-- ") {
                Some(comment) => comments.push(comment.trim_end_matches(" -->")),
                None if line.is_empty() => {}
                None => comments.clear(),
            },
        }
    }
    blocks
}

/// The blocks of kind `console`.
pub fn blocks(text: &str) -> Vec<Block> {
    let is_console = |it: &Fenced<'_>| it.kind.split(' ').next() == Some("console");
    let of = |Fenced {
                  kind,
                  first,
                  lines,
                  comments,
              }: Fenced<'_>| {
        let said = |what: &'static str| {
            let said = comments.iter().filter_map(move |it| it.strip_prefix(what));
            said.map(str::to_owned)
        };
        Block {
            long: kind.ends_with(" long"),
            not_run: said("not run: ").next(),
            before: said("before: ").collect(),
            steps: steps(first, &lines),
        }
    };
    fenced(text)
        .into_iter()
        .filter(is_console)
        .map(of)
        .collect()
}

fn steps(first: usize, lines: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (line, text) in (first..).zip(lines) {
        match (text.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                line,
                command: command.to_owned(),
                shown: Vec::new(),
            }),
            // A command that goes on.
            (None, Some(step)) if step.shown.is_empty() && step.command.ends_with('\\') => {
                step.command.push('\n');
                step.command.push_str(text);
            }
            (None, Some(step)) => step.shown.push((*text).to_owned()),
            (None, None) => panic!("line {line}: a block of commands begins with one: {text}"),
        }
    }
    steps
}

/// The commands of ours that stand in blocks of no kind, where nobody runs them.
/// What stands in files of other kinds is run by tests of its own.
pub fn loose(text: &str) -> Vec<(usize, String)> {
    let plain = fenced(text).into_iter().filter(|it| it.kind.is_empty());
    let lines = plain.flat_map(|it| (it.first..).zip(it.lines));
    let is_command = |(_, line): &(usize, &str)| {
        line.starts_with("vera-stress ") || *line == "vera-stress" || line.starts_with("$ ")
    };
    lines
        .filter(is_command)
        .map(|(at, line)| (at, line.to_owned()))
        .collect()
}

/// The commands of ours in the text itself, between backticks.
pub fn spans(text: &str) -> Vec<String> {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| Regex::new("`(vera-stress [^`\n]*)`").unwrap());
    let mut fence = false;
    let outside = text.lines().filter(|line| {
        fence ^= line.starts_with("```");
        !fence
    });
    outside
        .flat_map(|line| SPAN.captures_iter(line))
        .map(|found| found[1].to_owned())
        .collect()
}

/// A command without what is said of it.
pub fn without_comment(command: &str) -> &str {
    command.split(" #").next().unwrap_or(command).trim_end()
}

/// What may be another at each run, as one word for all.
fn settled(line: &str) -> String {
    static WORDS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"\x1b\[[0-9;]*m", ""),
            (
                r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9.]+Z?)?",
                "TIME",
            ),
            (r"[0-9]+(\.[0-9]+)?(ms|µs|s|min)(?-u:\b)", "DURATION"),
            (r"(?-u:\b)20[0-9]{6}(?-u:\b)", "SEED"),
            (r"vera-stress [0-9]+\.[0-9]+\.[0-9]+", "vera-stress VERSION"),
            (r"(?-u:\b)[0-9]+ jobs?(?-u:\b)", "JOBS"),
            (r"  +", "  "),
        ]
        .into_iter()
        .map(|(pattern, word)| (Regex::new(pattern).unwrap(), word))
        .collect()
    });
    let mut line = line.trim_end().to_owned();
    for (pattern, word) in WORDS.iter() {
        line = pattern.replace_all(&line, *word).into_owned();
    }
    line
}

/// How what is printed differs from what is shown; `None` where it does not.
pub fn differs(shown: &[String], printed: &str) -> Option<String> {
    let shown: Vec<String> = trimmed(shown.iter().map(String::as_str));
    let printed: Vec<String> = trimmed(printed.lines());
    if are_like(&shown, &printed) {
        return None;
    }
    let is_there = |line: &String| printed.iter().any(|it| is_like(line, it));
    let missing = shown.iter().find(|it| it.trim() != "..." && !is_there(it));
    Some(match missing {
        Some(line) => format!("no line is like `{line}`"),
        None => "the lines are there, and others between them, or in another order".to_owned(),
    })
}

/// Settled lines, without empty ones at both ends.
fn trimmed<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<String> {
    let mut lines: Vec<String> = lines.map(settled).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let empty = lines.iter().take_while(|it| it.is_empty()).count();
    lines.split_off(empty)
}

fn are_like(shown: &[String], printed: &[String]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first.trim() == "..." => {
            (0..=printed.len()).any(|skipped| are_like(rest, &printed[skipped..]))
        }
        (Some((line, rest)), Some((it, others))) => is_like(line, it) && are_like(rest, others),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether a printed line has the parts of a shown one, in their order.
fn is_like(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split("...");
    let Some(mut rest) = parts.next().and_then(|it| printed.strip_prefix(it)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, inner)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in inner {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn what_is_shown_is_what_is_printed_but_for_what_may_differ() {
    let is = |shown: &str, printed: &str| {
        let shown: Vec<String> = shown.lines().map(str::to_owned).collect();
        differs(&shown, printed).is_none()
    };
    assert!(is("a\nb", "a\nb\n"));
    assert!(!is("a\nb", "a\nb\nc\n"));
    assert!(!is("a", ""));
    assert!(is("a\n...", "a\nb\nc\n"));
    assert!(is("a\n...\nc", "a\nc\n"));
    assert!(!is("a\n...\nc", "a\nd\n"));
    assert!(is("a ... c, ...", "a b c, d"));
    assert!(!is("a ... c", "a b d"));
    assert!(is("2 passed in 1.1s", "2 passed in 734ms"));
    assert!(!is("2 passed in 1.1s", "3 passed in 1.1s"));
    assert!(is("at 2026-11-21 18:10", "at 2027-01-02 03:04"));
    assert!(is("seed 20261121", "seed 20270102"));
    assert!(!is("n=100", "n=101"));
    assert!(is("  run  when", "  run   when"));
}

#[test]
fn commands_are_told_from_what_they_print() {
    let page = "<!-- not run: lost -->\ntext\n\n<!-- before: ready -->\n```console\n$ one # it is\n\n1\n$ two \\\n  three\n```\n\
                ```\nvera-stress four\n```\n`vera-stress five --six`\n\n\
                <!-- not run: why -->\n\n```console long\n$ seven\n```\n";
    let found = blocks(page);
    assert_eq!(
        found.iter().map(|it| it.long).collect::<Vec<_>>(),
        [false, true]
    );
    let commands: Vec<&str> = found
        .iter()
        .flat_map(|it| &it.steps)
        .map(|it| &*it.command)
        .collect();
    assert_eq!(commands, ["one # it is", "two \\\n  three", "seven"]);
    assert_eq!(
        (&found[0].not_run, &*found[0].before),
        (&None, &["ready".to_owned()][..])
    );
    assert_eq!(
        (found[1].not_run.as_deref(), found[1].before.len()),
        (Some("why"), 0)
    );
    assert_eq!(found[0].steps[0].shown, ["", "1"]);
    assert_eq!(without_comment(commands[0]), "one");
    assert_eq!(loose(page), [(13, "vera-stress four".to_owned())]);
    assert_eq!(spans(page), ["vera-stress five --six"]);
}
