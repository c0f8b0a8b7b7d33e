//! `vera-stress show NAME`: all that there is to know of one scenario.

use clap::Args;
use console::style;

use super::end::Stopped;
use super::exit::Exit;
use super::filter::One;
use super::program::ProgramArgs;
use super::{Context, print, suggest};
use crate::case::{Engine, Lane, Problem, Scale, Sources, Value};
use crate::plan::ScaleChoice;
use crate::scenario::{Cost, ExpectedEnd, Files, Program, Scenario, Shape, Surroundings};

/// How much of an expected text is shown.
const LINES: usize = 24;

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The scenario, or a case of it as it is shown, or its folder
    #[arg(value_name = "NAME|PATH", value_parser = suggest::names(), hide_possible_values = true)]
    name: String,
    /// The scale to show the expected result at [default: the scenario's own]
    #[arg(long, value_name = "N|xK")]
    scale: Option<ScaleChoice>,
}

pub fn run(args: &ShowArgs, context: &Context) -> Result<Exit, Stopped> {
    let one = One::of(context, &args.name, &ProgramArgs::default())?;
    let scenario = one.scenario();
    let lane = one.name.one_lane().unwrap_or(Lane::REFERENCE);
    let own = one.name.scale();
    let n = args.scale.unwrap_or(own).of(scenario, lane);
    about(scenario);
    program(scenario, n)?;
    input(scenario, n)?;
    expected(scenario, n)?;
    Ok(Exit::Success)
}

fn heading(text: &str) {
    print(format!("\n{}", style(text).bold()));
}

fn about(scenario: &Scenario) {
    print(format!(
        "{}: {}",
        style(&scenario.name).bold(),
        scenario.title
    ));
    let tags = match scenario.tags.is_empty() {
        true => String::new(),
        false => format!(", tags {}", scenario.tags.join(", ")),
    };
    print(format!(
        "axis {}{tags}, from {}",
        scenario.axis, scenario.folder
    ));
    print(format!("\n{}", scenario.why));
    heading("Guards");
    for guard in &scenario.guards {
        print(format!("  {guard}: {}", guard.history));
        print(format!("    {}", guard.proof_line()));
    }
    heading("Lanes");
    let mut lanes = scenario.shown_lanes();
    lanes.push(Lane::NATIVE);
    lanes.sort();
    lanes.dedup();
    for lane in lanes {
        let budget = scenario.budget_in(lane);
        let most = match lane.engine {
            Engine::Reference => humantime::format_duration(budget.time).to_string(),
            Engine::Native => format!("{} instructions", budget.instructions),
        };
        print(format!(
            "  {lane:16} n={}, at most {most}, {} of memory, {} of output",
            scenario.scale_in(lane),
            budget.memory,
            budget.output
        ));
    }
    let shape = |it: Option<Shape>| it.map_or("not declared".to_owned(), |it| it.to_string());
    let growth = scenario.growth;
    let more = [Cost::Roots, Cost::Handles, Cost::Stack, Cost::CompileTime];
    let more = more.map(|cost| {
        let shape = growth.of(cost)?;
        Some(format!(", {cost} {shape}"))
    });
    let more: String = more.into_iter().flatten().collect();
    print(format!(
        "  declared growth: instructions {}, heap {}{}",
        shape(growth.instructions),
        shape(growth.heap),
        more
    ));
    if !scenario.known.is_empty() {
        heading("Known limits");
    }
    for limit in &scenario.known {
        print(format!("  {}: {}", limit.describe(), limit.because));
    }
}

fn program(scenario: &Scenario, n: Scale) -> Result<(), Problem> {
    let Sources { files, .. } = scenario
        .program
        .sources(n)
        .map_err(|why| Problem::new(why.to_string()))?;
    for (name, text) in &files {
        match scenario.program {
            Program::Fixed(_) => heading(name),
            Program::Generated(_) => heading(&format!("{name} at n={n}")),
        }
        print(first_lines(text, 200));
    }
    Ok(())
}

/// What the program is given to read, where it is given something.
fn input(scenario: &Scenario, n: Scale) -> Result<(), Problem> {
    let text = scenario
        .input
        .at(n)
        .map_err(|why| Problem::new(why.to_string()))?;
    let Surroundings { files, env } = &scenario.surroundings;
    if scenario.input.stdin.is_some() || files.is_some() || !env.is_empty() {
        heading(&format!("Given at n={n}"));
    }
    for (name, text) in env {
        print(format!("  {name}={text:?}"));
    }
    match files {
        Some(Files::Folder(folder)) => print(format!("  files: all in {}", folder.display())),
        Some(Files::Held(files)) => {
            for (name, text) in files {
                print(format!("  files/{name}, {} bytes", text.len()));
            }
        }
        None => {}
    }
    if scenario.input.stdin.is_some() {
        show_text("stdin", &text);
    }
    Ok(())
}

fn expected(scenario: &Scenario, n: Scale) -> Result<(), Problem> {
    let expected = scenario
        .oracle
        .at(n)
        .map_err(|why| Problem::new(why.to_string()))?;
    heading(&format!("Expected at n={n}"));
    match &expected.end {
        Some(ExpectedEnd::Value(Value::Unit)) => {}
        Some(ExpectedEnd::Value(value)) => print(format!("  value: {value}")),
        Some(end) => print(format!("  end: {end}")),
        None => {}
    }
    for (name, text) in [("stdout", &expected.stdout), ("stderr", &expected.stderr)] {
        if let Some(text) = text.as_ref().filter(|it| !it.is_empty()) {
            show_text(name, text);
        }
    }
    for (name, text) in expected.files.iter().flatten() {
        show_text(&format!("file {name}"), text);
    }
    if expected.asks_others() {
        print("  all else: the same in every lane");
    }
    Ok(())
}

fn show_text(name: &str, text: &str) {
    let end = if text.is_empty() { "" } else { ":" };
    print(format!("  {name}, {} bytes{end}", text.len()));
    if !text.is_empty() {
        print(first_lines(text, LINES));
    }
}

fn first_lines(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = lines[..lines.len().min(most)].join("\n");
    if lines.len() > most {
        shown.push_str(&format!("\n... and {} more lines", lines.len() - most));
    }
    shown
}
