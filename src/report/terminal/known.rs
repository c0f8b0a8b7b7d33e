//! What a person sees of a check of known limits: those that do not hold, on
//! which versions, and what to do about it.

use console::Style;

use super::detail::{Detail, Showing};
use super::named::named;
use super::run::sections;
use super::unloaded;
use crate::record::count;
use crate::record::known::{KnownInfo, KnownReport, LimitCheck, LimitState};

/// Up to so many scenarios are named with their lanes.
const NAMED: usize = 3;

/// The line above everything.
pub fn head(info: &KnownInfo) -> String {
    let mut why = info.chosen.iter();
    let named = info.versions.iter().map(|name| match why.next() {
        Some(why) => why.beside(name),
        None => name.clone(),
    });
    let named: Vec<String> = named.collect();
    let versions = match named.as_slice() {
        [first, .., last] if named.len() > 4 => format!("{first} to {last}"),
        few => few.join(", "),
    };
    format!(
        "vera-stress {}: checking {} on Vera {versions}",
        info.vera_stress,
        count(info.limits, "known limit")
    )
}

/// A look at a limit, in one line.
pub fn look_line(look: &LimitCheck) -> String {
    let (word, colour) = match (look.covered, look.found) {
        (_, LimitState::Unknown) => ("unknown", Style::new().yellow()),
        (true, LimitState::Fails) => ("holds", Style::new().green()),
        (true, LimitState::Passes | LimitState::FailsOtherwise) => {
            ("STALE", Style::new().red().bold())
        }
        (false, LimitState::Fails) => ("beyond", Style::new().yellow()),
        (false, LimitState::Passes | LimitState::FailsOtherwise) => ("not there", Style::new()),
    };
    let at = look.n.map_or(String::new(), |n| format!(" n={n}"));
    format!(
        "{} {} [{}]{at} on Vera {}: {}",
        colour.apply_to(word),
        look.scenario,
        look.lane,
        look.vera,
        look.limit
    )
}

/// The end: what does not hold, then the numbers. Of a check that was interrupted,
/// what does not hold comes last.
pub fn text(report: &KnownReport, showing: Showing) -> String {
    let KnownReport {
        info,
        looks,
        summary,
    } = report;
    let versions: Vec<&str> = info.versions.iter().map(String::as_str).collect();
    let versions = versions.as_slice();
    let red = Style::new().red().bold();
    let yellow = Style::new().yellow();
    let label = red.apply_to("STALE").to_string();
    let stale = groups(looks, LimitCheck::is_stale).into_iter().map(|group| {
        let file = &group[0].file;
        // A limit of several costs may still hold for the others.
        let next = match group[0].gone.join("`, `") {
            gone if gone.is_empty() => format!(
                "narrow `vera`, correct `from_n`, or take that [[known]] entry out of {file}"
            ),
            gone => format!(
                "narrow `vera`, or take `{gone}` out of `bound` of that [[known]] entry, and the entry itself where no other cost is left, in {file}"
            ),
        };
        format!("{}     next: {next}\n", block(&label, &group, versions))
    });
    let mut others = Vec::new();
    if showing.detail != Detail::Brief {
        let label = yellow.apply_to("beyond").to_string();
        others.extend(groups(looks, LimitCheck::is_beyond).iter().map(|group| {
            format!(
                "{}     next: widen `vera` in {}, if the cause is the same\n",
                block(&label, group, versions),
                group[0].file
            )
        }));
        others.extend(unknown(looks, versions));
    }
    let unloaded = unloaded::blocks(&info.unloaded);
    let blocks: Vec<String> = match summary.interrupted {
        true => others.into_iter().chain(unloaded).chain(stale).collect(),
        false => stale.chain(others).chain(unloaded).collect(),
    };
    let stale = match summary.stale {
        0 => "0 stale".to_owned(),
        number => red.apply_to(format!("{number} stale")).to_string(),
    };
    let hold = |number: usize| match number {
        1 => "1 holds".to_owned(),
        _ => format!("{number} hold"),
    };
    let mut parts = vec![hold(summary.hold), stale];
    if summary.unknown > 0 {
        parts.push(format!("{} not known", summary.unknown));
    }
    if summary.elsewhere > 0 {
        parts.push(format!("{} of other versions", summary.elsewhere));
    }
    if summary.beyond > 0 {
        let whose = if summary.beyond == 1 { "its" } else { "their" };
        parts.push(format!("{} beyond {whose} versions", hold(summary.beyond)));
    }
    if summary.not_set_up > 0 {
        let versions = count(summary.not_set_up, "version");
        parts.push(format!("{versions} not set up"));
    }
    let interrupted = if summary.interrupted {
        ", interrupted"
    } else {
        ""
    };
    let last = format!(
        "{}: {} in {:.1}s{interrupted}",
        count(summary.limits, "known limit"),
        parts.join(", "),
        summary.seconds
    );
    sections(blocks, &last, showing)
}

/// What could not be told; of several for one reason, one line.
fn unknown(looks: &[LimitCheck], versions: &[&str]) -> Vec<String> {
    let label = Style::new().yellow().apply_to("unknown").to_string();
    let untold = |it: &LimitCheck| it.covered && it.found == LimitState::Unknown;
    let mut reasons: Vec<(&str, Vec<Vec<&LimitCheck>>)> = Vec::new();
    for group in groups(looks, untold) {
        let reason = group[0].message.lines().next().unwrap_or_default();
        match reasons.iter_mut().find(|(it, _)| *it == reason) {
            Some((_, groups)) => groups.push(group),
            None => reasons.push((reason, vec![group])),
        }
    }
    let told = |(reason, groups): (&str, Vec<Vec<&LimitCheck>>)| match groups.as_slice() {
        [only] => block(&label, only, versions),
        several => {
            let limits = several
                .iter()
                .map(|it| (it[0].scenario.as_str(), it[0].lane));
            let names = named(limits, NAMED);
            format!(
                "{label} {}, of {names}: {reason}\n",
                count(several.len(), "known limit")
            )
        }
    };
    reasons.into_iter().map(told).collect()
}

/// Looks of a kind, those of one limit in one lane together.
fn groups(looks: &[LimitCheck], of_kind: impl Fn(&LimitCheck) -> bool) -> Vec<Vec<&LimitCheck>> {
    let mut groups: Vec<Vec<&LimitCheck>> = Vec::new();
    for look in looks.iter().filter(|it| of_kind(it)) {
        let same = |it: &&mut Vec<&LimitCheck>| {
            let first = it[0];
            let same = (&first.scenario, &first.limit, first.lane, first.found)
                == (&look.scenario, &look.limit, look.lane, look.found);
            same && begins_alike(&first.message, &look.message)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(look),
            None => groups.push(vec![look]),
        }
    }
    groups.sort_by(|one, other| {
        let key = |it: &[&LimitCheck]| (it[0].scenario.clone(), it[0].limit.clone(), it[0].lane);
        key(one).cmp(&key(other))
    });
    groups
}

/// Whether two messages begin with the same words, up to the first number.
fn begins_alike(one: &str, other: &str) -> bool {
    let words = |text: &str| {
        let end = text.find(|c: char| c.is_ascii_digit());
        text[..end.unwrap_or(text.len())].to_owned()
    };
    words(one) == words(other)
}

/// The limit, on which versions it was looked at, and what was seen on the first.
fn block(label: &str, group: &[&LimitCheck], versions: &[&str]) -> String {
    let place = |it: &LimitCheck| versions.iter().position(|name| *name == it.vera);
    let mut sorted = group.to_vec();
    sorted.sort_by_key(|it| place(it));
    let names: Vec<&str> = sorted.iter().map(|it| it.vera.as_str()).collect();
    let first = sorted[0];
    let at = match first.n {
        Some(n) => format!(" at n={n}"),
        None => String::new(),
    };
    format!(
        "{label} {}: {}\n     [{}]{at} on Vera {}: {}\n     again: {}\n",
        first.scenario,
        first.limit,
        first.lane,
        names.join(", "),
        first.message.lines().next().unwrap_or_default(),
        first.again
    )
}
