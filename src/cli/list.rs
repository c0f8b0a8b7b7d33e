//! `vera-stress list`: the scenarios in a table, as JSON or as Markdown.

use clap::Args;
use console::style;
use serde_json::json;

use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::{Context, print};
use crate::case::{Engine, Lane};
use crate::record::history::RunKind;
use crate::scenario::{Guard, Scenario};

#[derive(Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    filter: Filter,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the table of docs/catalogue.md
    #[arg(long)]
    markdown: bool,
}

pub fn run(args: &ListArgs, context: &Context) -> Result<Exit, Stopped> {
    let chosen = args.filter.choose(context, RunKind::Run)?;
    let scenarios = chosen.scenarios()?;
    if chosen.nothing {
        return Err(Stopped::not_loaded(&chosen.catalogue.errors));
    }
    if args.json {
        print(as_json(&scenarios));
    } else if args.markdown {
        print(as_markdown(&scenarios));
    } else {
        print(as_table(&scenarios));
    }
    Ok(match chosen.catalogue.errors.is_empty() {
        true => Exit::Success,
        false => Exit::Usage,
    })
}

fn as_table(scenarios: &[&Scenario]) -> String {
    let width = |of: fn(&Scenario) -> usize| scenarios.iter().map(|it| of(it)).max().unwrap_or(0);
    let name = width(|it| it.name.len());
    let n = width(|it| it.n.to_string().len());
    let mut lines = Vec::new();
    let mut axis = "";
    for scenario in scenarios {
        if scenario.axis != axis {
            axis = &scenario.axis;
            lines.push(style(axis).bold().to_string());
        }
        lines.push(format!(
            "  {:name$}  {:>n$}  {}",
            scenario.name, scenario.n, scenario.title
        ));
    }
    lines.join("\n")
}

fn as_json(scenarios: &[&Scenario]) -> String {
    let all: Vec<serde_json::Value> = scenarios.iter().map(|it| scenario_json(it)).collect();
    serde_json::to_string_pretty(&all).expect("JSON of plain data can be written")
}

fn scenario_json(scenario: &Scenario) -> serde_json::Value {
    let lane = |lane: Lane| json!({ "lane": lane, "n": scenario.scale_in(lane), "budget": scenario.budget_in(lane) });
    let lanes: Vec<serde_json::Value> = scenario.shown_lanes().into_iter().map(lane).collect();
    let known: Vec<serde_json::Value> = scenario
        .known
        .iter()
        .map(|limit| {
            let lanes: Vec<String> = limit.lanes.iter().map(ToString::to_string).collect();
            json!({
                "vera": limit.vera.to_string(),
                "lanes": lanes,
                "from_n": limit.from_n,
                "verdict": limit.verdict,
                "bound": limit.bound,
                "because": limit.because,
            })
        })
        .collect();
    let guards: Vec<serde_json::Value> = scenario.guards.iter().map(guard_json).collect();
    json!({
        "name": scenario.name,
        "axis": scenario.axis,
        "title": scenario.title,
        "why": scenario.why,
        "n": scenario.n,
        "tags": scenario.tags,
        "guards": guards,
        "growth": scenario.growth,
        "input": scenario.input.stdin.is_some(),
        "alone": scenario.alone,
        "lanes": lanes,
        "known": known,
        "folder": scenario.folder,
    })
}

/// A guard as its scenario writes it.
fn guard_json(guard: &Guard) -> serde_json::Value {
    json!({
        "issue": guard.issue,
        "class": guard.class,
        "history": guard.history,
        "fails_as": guard.fails_as,
        "proof": guard.proof,
    })
}

/// A guard, and the version that proves it.
fn guard_cell(guard: &Guard) -> String {
    let proven = guard.proven_on();
    let proven = proven.map_or(String::new(), |on| format!(" (fails on {})", on.fails_on));
    format!("{guard}{proven}")
}

/// The scale of a scenario, and that of each native lane that has its own.
fn scales(scenario: &Scenario) -> String {
    let native = scenario
        .lanes
        .iter()
        .filter(|(lane, _)| lane.engine == Engine::Native)
        .filter_map(|(lane, own)| Some(format!("{} in `{lane}`", own.n?)));
    let scales: Vec<String> = std::iter::once(scenario.scale_in(Lane::REFERENCE).to_string())
        .chain(native)
        .collect();
    scales.join(", ")
}

/// The table that stands in docs/catalogue.md.
fn as_markdown(scenarios: &[&Scenario]) -> String {
    let mut lines = vec![
        "| scenario | axis | n | n with eager collection | guards | what it does |".to_owned(),
        "| --- | --- | ---: | ---: | --- | --- |".to_owned(),
    ];
    for scenario in scenarios {
        let guards: Vec<String> = scenario.guards.iter().map(guard_cell).collect();
        let limits = if scenario.known.is_empty() {
            String::new()
        } else {
            " (has known limits)".to_owned()
        };
        lines.push(format!(
            "| `{}` | {} | {} | {} | {} | {}{limits} |",
            scenario.name,
            scenario.axis,
            scales(scenario),
            scenario.scale_in(Lane::REFERENCE_EAGER),
            guards.join("; ").replace('|', "\\|"),
            scenario.title.replace('|', "\\|"),
        ));
    }
    lines.join("\n")
}
