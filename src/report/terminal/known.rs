//! What a person sees of a check of known limits: those that do not hold, on
//! which versions, and what to do about it.

use console::Style;

use super::unloaded;
use crate::record::count;
use crate::record::known::{KnownInfo, KnownReport, LimitCheck, LimitState};

/// The line above everything.
pub fn head(info: &KnownInfo) -> String {
    let versions = match info.versions.as_slice() {
        [first, .., last] if info.versions.len() > 4 => format!("{first} to {last}"),
        few => few.join(", "),
    };
    format!(
        "vera-stress {}: checking {} on Vera {versions}",
        info.vera_stress,
        count(info.limits, "known limit")
    )
}

/// The end: what does not hold, then the numbers.
pub fn text(report: &KnownReport) -> String {
    let KnownReport {
        info,
        looks,
        summary,
    } = report;
    let versions: Vec<&str> = info.versions.iter().map(String::as_str).collect();
    let versions = versions.as_slice();
    let red = Style::new().red().bold();
    let yellow = Style::new().yellow();
    let mut text = String::new();
    let stale = red.apply_to("STALE").to_string();
    for group in groups(looks, LimitCheck::is_stale) {
        text.push_str(&block(&stale, &group, versions));
        let file = &group[0].file;
        // A limit of several costs may still hold for the others.
        text.push_str(&match group[0].gone.join("`, `") {
            gone if gone.is_empty() => format!(
                "     next: narrow `vera`, correct `from_n`, or take that [[known]] entry out of {file}\n"
            ),
            gone => format!(
                "     next: narrow `vera`, or take `{gone}` out of `bound` of that [[known]] entry, and the entry itself where no other cost is left, in {file}\n"
            ),
        });
    }
    let beyond = yellow.apply_to("beyond").to_string();
    for group in groups(looks, LimitCheck::is_beyond) {
        text.push_str(&block(&beyond, &group, versions));
        text.push_str(&format!(
            "     next: widen `vera` in {}, if the cause is the same\n",
            group[0].file
        ));
    }
    let unknown = yellow.apply_to("unknown").to_string();
    let untold = |it: &LimitCheck| it.covered && it.found == LimitState::Unknown;
    for group in groups(looks, untold) {
        text.push_str(&block(&unknown, &group, versions));
    }
    text.push_str(&unloaded::blocks(&info.unloaded));
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
    text.push_str(&format!(
        "\n{}: {} in {:.1}s{interrupted}",
        count(summary.limits, "known limit"),
        parts.join(", "),
        summary.seconds
    ));
    text
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
        "\n{label} {}: {}\n     [{}]{at} on Vera {}: {}\n     again: {}\n",
        first.scenario,
        first.limit,
        first.lane,
        names.join(", "),
        first.message.lines().next().unwrap_or_default(),
        first.again
    )
}
