//! What a person sees of a check of guards: those that say what is not so, those
//! that could not be told, and which versions prove how many.

use console::Style;

use super::unloaded;
use crate::record::count;
use crate::record::guards::{GuardCheck, GuardState, GuardsInfo, GuardsReport};

/// The line above everything.
pub fn head(info: &GuardsInfo) -> String {
    let repo = match &info.repo {
        Some(repo) => format!(", tags from {repo}"),
        None => String::new(),
    };
    format!(
        "vera-stress {}: checking {}{repo}",
        info.vera_stress,
        count(info.guards, "guard")
    )
}

/// The end: what is not so, then the numbers.
pub fn text(report: &GuardsReport) -> String {
    let GuardsReport {
        info,
        looks,
        summary,
    } = report;
    let red = Style::new().red().bold();
    let yellow = Style::new().yellow();
    let mut text = String::new();
    for look in sorted(looks, |it| it.found.is_false()) {
        text.push_str(&format!("\n{} {}\n", red.apply_to("FALSE"), block(look)));
        text.push_str(&format!(
            "     next: {} in {}\n",
            next(look.found),
            look.file
        ));
    }
    for (message, names) in untold(looks) {
        text.push_str(&format!(
            "\n{} {}: {message}\n",
            yellow.apply_to("unchecked"),
            names.join(", ")
        ));
    }
    for unloaded in unloaded::blocks(&info.unloaded) {
        text.push_str(&format!("\n{unloaded}"));
    }
    let is_false = match summary.r#false {
        0 => "0 false".to_owned(),
        number => red.apply_to(format!("{number} false")).to_string(),
    };
    let mut parts = vec![format!("{} proven", summary.proven), is_false];
    if summary.unproven > 0 {
        parts.push(format!("{} unproven", summary.unproven));
    }
    if summary.unchecked > 0 {
        parts.push(format!("{} unchecked", summary.unchecked));
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
        count(summary.guards, "guard"),
        parts.join(", "),
        summary.seconds
    ));
    let by_version = by_version(looks);
    if !by_version.is_empty() {
        text.push_str(&format!("\nproven on {}", by_version.join(", ")));
    }
    text
}

/// Looks of a kind, by scenario.
fn sorted(looks: &[GuardCheck], is_of_kind: impl Fn(&GuardCheck) -> bool) -> Vec<&GuardCheck> {
    let mut of_kind: Vec<&GuardCheck> = looks.iter().filter(|it| is_of_kind(it)).collect();
    of_kind.sort_by_key(|it| (&it.scenario, &it.guard));
    of_kind
}

/// The guard, what was seen, and how to see it again.
fn block(look: &GuardCheck) -> String {
    let place = match (look.lane, look.n) {
        (Some(lane), Some(n)) => format!("[{lane}] n={n} "),
        _ => String::new(),
    };
    format!(
        "{}: {}\n     {place}{}\n     again: {}",
        look.scenario,
        look.guard,
        look.message.lines().next().unwrap_or_default(),
        look.again.join(" && ")
    )
}

fn next(found: GuardState) -> &'static str {
    match found {
        GuardState::Passes => {
            "raise n, mend the program, correct `fails_on`, or write `unproven` and why"
        }
        GuardState::FailsOtherwise => {
            "correct `fails_as` or `fails_on`, mend the program, or write `unproven` and why"
        }
        GuardState::StillFails => {
            "correct `fixed_in`, mend the program, or write `unproven` and why"
        }
        GuardState::Proven | GuardState::Unproven | GuardState::Unchecked => "nothing",
    }
}

/// The scenarios with guards that could not be told, by the reason.
fn untold(looks: &[GuardCheck]) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for look in sorted(looks, |it| it.found == GuardState::Unchecked) {
        match reasons.iter_mut().find(|(why, _)| *why == look.message) {
            Some((_, names)) if names.last() == Some(&look.scenario.as_str()) => {}
            Some((_, names)) => names.push(&look.scenario),
            None => reasons.push((&look.message, vec![&look.scenario])),
        }
    }
    reasons
}

/// How many guards each version proves, in the order in which they were looked at.
fn by_version(looks: &[GuardCheck]) -> Vec<String> {
    let mut versions: Vec<(&str, usize)> = Vec::new();
    for look in looks.iter().filter(|it| it.found == GuardState::Proven) {
        let Some(version) = look.fails_on.as_deref() else {
            continue;
        };
        match versions.iter_mut().find(|(name, _)| *name == version) {
            Some((_, number)) => *number += 1,
            None => versions.push((version, 1)),
        }
    }
    let words = |(version, number)| format!("{version}: {number}");
    versions.into_iter().map(words).collect()
}
