//! The answer of a bisection in words, with what to do where there is none.

use super::sought::{OTHERWISE, Sought};
use crate::case::{Case, Problem};
use crate::record::bisect::{AnswerKind, BisectRecord, ProbeRecord};
use crate::record::count;

/// What the words are made of, beside the record itself.
pub struct AnswerContext<'a> {
    /// What was looked at.
    pub probes: &'a [ProbeRecord],
    /// The names of the good end and the bad end.
    pub ends: (String, String),
    /// What a version is, in a word.
    pub noun: &'a str,
    /// The case.
    pub case: &'a Case,
    /// What was said to be searched.
    pub searched: Option<Sought>,
    /// Whether what kept the bad end from telling says what to do about it.
    pub is_advised: bool,
    /// What git said, if it failed.
    pub failed: &'a str,
    /// What to do where such an answer is none.
    pub advice: fn(AnswerKind, &str) -> Option<String>,
}

impl AnswerContext<'_> {
    /// A version with what it is about.
    fn named(&self, name: &str) -> String {
        let probe = self.probes.iter().find(|it| it.version == name);
        match probe.and_then(|it| it.subject.as_ref()) {
            Some(subject) => format!("{name} ({subject})"),
            None => name.to_owned(),
        }
    }

    /// The answer in words, with what to do where there is none.
    pub fn text(&self, record: &BisectRecord) -> Problem {
        let AnswerContext {
            ends: (good_end, bad_end),
            noun,
            case,
            failed,
            ..
        } = self;
        let why = |name: &String| {
            let probe = self.probes.iter().find(|it| it.version == *name);
            probe.map_or("", |it| it.why.as_str())
        };
        let known = |it: &Option<String>| match it {
            Some(name) => self.named(name),
            None => "none".to_owned(),
        };
        let (first_bad, last_good) = (known(&record.first_bad), known(&record.last_good));
        let sought = record.sought.as_deref().unwrap_or("a failure");
        let of = format!(
            "({} of {} {noun}s)",
            count(record.probes, "probe"),
            record.versions
        );
        let suspects: Vec<String> = record.suspects.iter().map(|it| self.named(it)).collect();
        let problem = Problem::new(match record.answer {
            AnswerKind::Found => {
                format!("first bad: {first_bad}   last good: {last_good}   {of}")
            }
            AnswerKind::OneOf => format!(
                "the first bad {noun} is one of {}   last good: {last_good}   {of}",
                suspects.join(", ")
            ),
            AnswerKind::NoGood => format!(
                "no {noun} was seen to be good: {good_end} cannot tell ({}), and {first_bad} is bad   {of}",
                first_line(why(good_end))
            ),
            AnswerKind::BadIsGood => {
                let searched = match self.searched {
                    Some(sought) => format!(", and {sought} is searched"),
                    None => String::new(),
                };
                format!(
                    "{bad_end} is not bad: {case} comes to `{}` there{searched}",
                    first_line(why(bad_end)).trim_start_matches(OTHERWISE)
                )
            }
            AnswerKind::BadCannotTell => {
                let why = why(bad_end);
                format!("{bad_end} cannot tell whether it is bad: {why}")
            }
            AnswerKind::GoodIsBad => format!(
                "{good_end} is bad, too: {}   {of}",
                first_line(why(good_end))
            ),
            AnswerKind::EndsAlike => format!(
                "{good_end} and {bad_end} are alike in {sought}, to less than 10%: {} and {}",
                why(good_end),
                why(bad_end)
            ),
            AnswerKind::Interrupted => format!(
                "interrupted; last good so far: {last_good}   first bad so far: {first_bad}   {of}"
            ),
            AnswerKind::Failed => format!(
                "git failed: {failed}\n     last good so far: {last_good}   first bad so far: {first_bad}   {of}"
            ),
        });
        // What kept the bad end from being set up has its own advice.
        let is_advised = self.is_advised && record.answer == AnswerKind::BadCannotTell;
        match (self.advice)(record.answer, noun).filter(|_| !is_advised) {
            Some(next) => problem.next(next),
            None => problem,
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
