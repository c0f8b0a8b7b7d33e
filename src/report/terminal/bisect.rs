//! What a person sees of a bisection: a line for each version that was looked
//! at, then the answer, with both sides of the break beside each other.

use console::{Style, style};

use super::detail::Showing;
use super::run::sections;
use crate::case::{Ending, Instructions};
use crate::record::bisect::{
    AnswerKind, BisectInfo, BisectRecord, BisectReport, ProbeRecord, ProbeVerdict,
};
use crate::record::{CaseRecord, count};

/// How wide a column is where nothing says how wide the page is.
const WIDTH: usize = 46;
/// How narrow it may become.
const NARROWEST: usize = 24;
/// What a line has beside its two columns.
const LABELS: usize = 20;

/// How wide a column is on a terminal of so many columns.
fn column(terminal: Option<usize>) -> usize {
    match terminal {
        Some(width) => (width.saturating_sub(LABELS) / 2).max(NARROWEST),
        None => WIDTH,
    }
}

/// What a look at a version came to.
pub fn probe_line(probe: &ProbeRecord) -> String {
    let look = match probe.came {
        ProbeVerdict::Bad => Style::new().red().bold(),
        ProbeVerdict::Good => Style::new().green(),
        ProbeVerdict::Skip => Style::new().yellow(),
    };
    let word = word(probe.came);
    let text = probe_text(probe);
    let rest = text.strip_prefix(word).unwrap_or(&text);
    format!("{}{rest}", look.apply_to(word))
}

/// The answer, with the versions on both sides of it where they are known.
pub fn text(report: &BisectReport, showing: Showing) -> String {
    let [good, bad] = report.sides();
    let text = answer_text(&report.record, good, bad, column(showing.width));
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let text = format!("{}\n{rest}", style(first).bold());
    sections(Vec::new(), text.trim_end(), showing)
}

/// What is searched, as a question.
pub fn head(info: &BisectInfo) -> String {
    let BisectInfo {
        scenario, lane, n, ..
    } = info;
    let case = format!("{scenario} [{lane}] n={n}");
    let question = match info.sought.as_deref() {
        None => format!("did {case} begin to fail as in {}", info.bad),
        Some(count @ ("instructions" | "work" | "heap")) => {
            format!("did the {count} of {case} change")
        }
        Some(verdict) => format!("did {case} begin to fail by `{verdict}`"),
    };
    let of = match &info.repo {
        Some(repo) => format!(" of {repo}"),
        None => String::new(),
    };
    format!(
        "vera-stress {}: bisecting {}{of}, {} (good) to {} (bad): in which one {question}?",
        info.vera_stress,
        count(info.versions, &info.unit),
        info.good,
        info.bad,
    )
}

fn word(came: ProbeVerdict) -> &'static str {
    match came {
        ProbeVerdict::Bad => "bad",
        ProbeVerdict::Good => "good",
        ProbeVerdict::Skip => "skip",
    }
}

/// A version that was looked at, in one line, and what else there is to say in
/// lines below it.
pub fn probe_text(probe: &ProbeRecord) -> String {
    let why = probe.why.lines().next().unwrap_or_default();
    let subject = match &probe.subject {
        Some(subject) => format!(" ({})", cut(subject, 50)),
        None => String::new(),
    };
    let mut text = format!("{:5} {}{subject}: {why}", word(probe.came), probe.version);
    for note in &probe.notes {
        text.push_str(&format!("\n      {note}"));
    }
    text
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The answer: understood from its first line. Both sides stand in columns of
/// `width` characters.
pub fn answer_text(
    record: &BisectRecord,
    good: Option<&ProbeRecord>,
    bad: Option<&ProbeRecord>,
    width: usize,
) -> String {
    let mut text = format!("{}\n", record.text);
    let is_answer = matches!(record.answer, AnswerKind::Found | AnswerKind::OneOf);
    if let (Some(good), Some(bad), true) = (good, bad, is_answer) {
        text.push('\n');
        text.push_str(&beside(record, good, bad, width));
    }
    if !record.skipped.is_empty() {
        text.push_str(&format!("     skipped: {}\n", record.skipped.join(", ")));
    }
    let shown = match record.answer {
        AnswerKind::BadIsGood | AnswerKind::BadCannotTell => [None, None],
        AnswerKind::Failed => [None, None],
        _ => [bad, good],
    };
    for probe in shown.into_iter().flatten() {
        text.push_str(&format!(
            "     {} again: {}\n",
            probe.version,
            probe.again.join(" && ")
        ));
    }
    text
}

/// Both sides of the break, in two columns.
fn beside(record: &BisectRecord, good: &ProbeRecord, bad: &ProbeRecord, width: usize) -> String {
    let mut text = format!(
        "     {} [{}] n={}\n",
        record.scenario, record.lane, record.n
    );
    let titles = [
        format!("last good: {}", title(good)),
        format!("first bad: {}", title(bad)),
    ];
    text.push_str(&row("", &titles, width));
    for (name, what) in ROWS {
        let cells = [good, bad].map(|it| it.case.as_ref().and_then(what).unwrap_or_default());
        if cells.iter().any(|it| !it.is_empty()) {
            text.push_str(&row(name, &cells, width));
        }
    }
    text
}

fn title(probe: &ProbeRecord) -> String {
    match &probe.subject {
        Some(subject) => format!("{} {subject}", probe.version),
        None => probe.version.clone(),
    }
}

/// A line of the two columns, and how it is read from a case.
type SideRow = (&'static str, fn(&CaseRecord) -> Option<String>);

const ROWS: [SideRow; 7] = [
    ("verdict", |it| Some(it.verdict.to_string())),
    ("message", |it| Some(it.message.clone())),
    ("ending", |it| it.ending.as_ref().map(ending)),
    ("instructions", |it| {
        Some(it.measures.as_ref()?.instructions.to_string())
    }),
    ("heap", |it| Some(it.measures.as_ref()?.heap.to_string())),
    ("collections", |it| {
        Some(Instructions(it.measures.as_ref()?.collections).to_string())
    }),
    ("time", |it| {
        Some(format!("{:.3}s", it.run?.wall.as_secs_f64()))
    }),
];

/// How a program ended, or what it returned.
fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Returned {
            value,
            exit_code: None,
        } => format!("returned {}", cut(&value.to_string(), 60)),
        Ending::Returned {
            exit_code: Some(code),
            ..
        } => format!("ended itself with exit code {code}"),
        Ending::Trapped(trap) => format!("trapped: {}", trap.kind),
        Ending::Rejected { .. } => "was not compiled".to_owned(),
        Ending::InvalidModule { .. } => "became no valid module".to_owned(),
        Ending::OverTime { doing, .. } => format!("was ended while {doing}, out of time"),
        Ending::OverMemory { doing, .. } => format!("was ended while {doing}, out of memory"),
        Ending::OverOutput { doing, .. } => format!("was ended while {doing}, out of output"),
        Ending::OverInstructions { .. } => "was ended, out of instructions".to_owned(),
        Ending::Corrupt { .. } => "was ended by the sanitizer".to_owned(),
        Ending::Unsupported { .. } => "was not run".to_owned(),
        Ending::Crashed { doing, .. } => format!("crashed while {doing}"),
    }
}

/// Two cells beside each other, of as many lines as the longer one needs.
fn row(name: &str, cells: &[String; 2], width: usize) -> String {
    let [left, right] = cells.each_ref().map(|cell| wrapped(cell, width));
    let mut text = String::new();
    for place in 0..left.len().max(right.len()) {
        let of = |lines: &[String]| lines.get(place).cloned().unwrap_or_default();
        let name = if place == 0 { name } else { "" };
        let line = format!("     {name:12} {:width$}  {}", of(&left), of(&right));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A text in lines that fit into a column, broken between words where it can be.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let line = lines.last_mut().expect("there is one from the start");
            let room = width.saturating_sub(line.chars().count() + usize::from(!line.is_empty()));
            if word.len() <= room {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.extend(&word);
                break;
            }
            if line.is_empty() {
                line.extend(word.drain(..width));
            }
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Lane, Scale};

    #[test]
    fn long_cells_are_broken_between_words() {
        assert_eq!(wrapped("", WIDTH), [""]);
        assert_eq!(wrapped("pass", WIDTH), ["pass"]);
        let long = "instructions grow as n^2.00 from n=2500 (107,527,694) to n=10000";
        assert_eq!(
            wrapped(long, WIDTH),
            [
                "instructions grow as n^2.00 from n=2500",
                "(107,527,694) to n=10000"
            ]
        );
        let endless = "x".repeat(2 * WIDTH + 3);
        let lines = wrapped(&format!("a {endless}"), WIDTH);
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines[1..].concat(), endless);
    }

    #[test]
    fn two_columns_stand_beside_each_other() {
        let text = row("verdict", &["pass".to_owned(), "growth".to_owned()], WIDTH);
        assert_eq!(
            text,
            format!("     verdict      {:WIDTH$}  growth\n", "pass")
        );
    }

    #[test]
    fn both_columns_fit_the_terminal() {
        for (terminal, each) in [(80, 30), (81, 30), (120, 50), (40, NARROWEST)] {
            assert_eq!(column(Some(terminal)), each);
            let long = "word ".repeat(40);
            let text = row("message", &[long.clone(), long], each);
            let longest = text.lines().map(|it| it.chars().count()).max();
            assert!(longest.unwrap() <= terminal.max(LABELS + 2 * NARROWEST));
        }
        assert_eq!(column(None), WIDTH);
    }

    fn probe(version: &str, came: ProbeVerdict, why: &str) -> ProbeRecord {
        ProbeRecord {
            version: version.to_owned(),
            commit: None,
            subject: None,
            came,
            why: why.to_owned(),
            notes: Vec::new(),
            case: None,
            again: vec!["first".to_owned(), "then".to_owned()],
            seconds: 0.0,
        }
    }

    #[test]
    fn a_probe_is_one_line_and_its_notes_stand_below() {
        let mut skipped = probe(
            "abc",
            ProbeVerdict::Skip,
            "cannot import\n     next: mend it",
        );
        assert_eq!(probe_text(&skipped), "skip  abc: cannot import");
        skipped.subject = Some("Half done".to_owned());
        skipped.notes.push("at n=10".to_owned());
        assert_eq!(
            probe_text(&skipped),
            "skip  abc (Half done): cannot import\n      at n=10"
        );
    }

    #[test]
    fn an_answer_shows_both_sides_what_was_skipped_and_how_to_see_it() {
        let mut record = BisectRecord {
            scenario: "life".to_owned(),
            lane: Lane::NATIVE,
            n: Scale::new(10).unwrap(),
            sought: None,
            answer: AnswerKind::OneOf,
            first_bad: Some("3".to_owned()),
            last_good: Some("1".to_owned()),
            suspects: vec!["2".to_owned(), "3".to_owned()],
            skipped: vec!["2".to_owned()],
            probes: 3,
            versions: 3,
            text: "the first line".to_owned(),
            seconds: 0.0,
        };
        let (good, bad) = (
            probe("1", ProbeVerdict::Good, ""),
            probe("3", ProbeVerdict::Bad, ""),
        );
        let text = answer_text(&record, Some(&good), Some(&bad), WIDTH);
        let titles = row(
            "",
            &["last good: 1".to_owned(), "first bad: 3".to_owned()],
            WIDTH,
        );
        assert_eq!(
            text,
            format!(
                "the first line\n\n     life [native] n=10\n{titles}     skipped: 2\n     3 again: first && then\n     1 again: first && then\n"
            )
        );
        // Where both ends are bad there are no two sides, and each can be seen.
        record.answer = AnswerKind::GoodIsBad;
        record.skipped.clear();
        let text = answer_text(&record, Some(&good), Some(&bad), WIDTH);
        let again = "     3 again: first && then\n     1 again: first && then\n";
        assert_eq!(text, format!("the first line\n{again}"));
        record.answer = AnswerKind::BadIsGood;
        let text = answer_text(&record, Some(&good), Some(&bad), WIDTH);
        assert_eq!(text, "the first line\n");
    }
}
