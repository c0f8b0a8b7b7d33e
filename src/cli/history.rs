//! `vera-stress history`: what was recorded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{ArgGroup, Args};
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use serde_json::json;

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::recorded;
use super::outputs::{self, not_a_dash};
use super::{Context, print};
use crate::case::{Lane, Problem};
use crate::judge::Verdict;
use crate::plan::Name;
use crate::record::CaseRecord;
use crate::record::climb::ClimbRecord;
use crate::record::history::read::{Past, RunChoice};
use crate::report::html::{self, past, render};
use crate::report::terminal::history::{Series, listing_text, runs_table, series_of, series_text};
use crate::report::terminal::{note, width};
use crate::toolchain::releases::{Range, in_order};

const EXIT_CODES: &str = "\
Exit codes:
  0  shown, or no run is recorded yet
  2  bad usage, or a history that cannot be read
  4  nothing that matches is recorded";

#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES, group = ArgGroup::new("scenarios").multiple(true))]
pub struct HistoryArgs {
    /// Scenarios, by name or pattern (`array-*`), or cases as they are shown
    /// (`life[native]`): show each over time [default: list the runs]
    #[arg(value_name = "NAME|GLOB|PATH", group = "scenarios")]
    names: Vec<String>,
    /// List what came of each case of this run: `last`, or a number that `vera-stress
    /// history` shows
    #[arg(
        long,
        value_name = "RUN|last",
        group = "scenarios",
        conflicts_with = "html"
    )]
    run: Option<RunChoice>,
    /// Of that run, only what came to these verdicts; `failed` stands for all failures
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', requires = "run")]
    only: Vec<Only>,
    /// Only this lane; `native+random` stands for all its seeds
    #[arg(
        long,
        value_name = "LANE",
        value_delimiter = ',',
        requires = "scenarios"
    )]
    lane: Vec<Lane>,
    /// How many runs, the newest, of all or of each scenario and lane
    #[arg(long, value_name = "N", default_value = "20", value_parser = super::at_least_one, conflicts_with = "run")]
    limit: std::num::NonZeroUsize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a page for a browser: every scenario, or those that are named, as charts
    /// over the runs
    #[arg(
        long,
        value_name = "FILE",
        group = "scenarios",
        conflicts_with = "json"
    )]
    html: Option<PathBuf>,
    /// Overwrite a file that vera-stress did not write
    #[arg(long, requires = "html")]
    force: bool,
}

pub fn run(args: &HistoryArgs, context: &Context) -> Result<Exit, Stopped> {
    let path = context.history.as_deref().ok_or_else(|| {
        Problem::new("there is no history: vera-stress.toml says `history = false`")
            .next("name the file: --history FILE")
    })?;
    let past = Past::of(path).map_err(|why| why.advised())?;
    if let Some(choice) = args.run {
        return args.list(&past, choice);
    }
    let wants = wanted_veras(&context.several)?;
    let limit = args.limit.get();
    if let Some(out) = &args.html {
        return args.page(out, path, &past, &wants);
    }
    if args.names.is_empty() {
        let runs = past
            .runs(limit, |run| wants(&run.vera, &run.toolchain))
            .map_err(|why| why.advised())?;
        if args.json {
            print(json!(runs));
        } else if runs.is_empty() {
            let why = Problem::new(format!("nothing is recorded in {} yet", path.display()))
                .next("`vera-stress run` and `climb` record what they find there");
            note(&why.to_string());
        } else {
            print(runs_table(&runs, width::of_stdout()));
        }
        return Ok(Exit::Success);
    }
    let series = args.series(&args.names, &past, &wants)?;
    if args.json {
        print(json!(series));
    } else if series.is_empty() {
        note(&nothing(path).to_string());
    } else {
        print(series_text(&series, width::of_stdout()));
    }
    Ok(match series.is_empty() {
        true => Exit::NoCase,
        false => Exit::Success,
    })
}

impl HistoryArgs {
    /// What is recorded of the scenarios with these names, in the lanes and on the
    /// versions that are asked for.
    fn series(
        &self,
        names: &[String],
        past: &Past,
        wants: &impl Fn(&str, &str) -> bool,
    ) -> Result<Vec<Series>, Problem> {
        let names = recorded(names)?;
        let mut entries = past.entries(&names).map_err(|why| why.advised())?;
        entries.retain(|it| wants(&it.vera, &it.toolchain) && self.in_lane(it.lane));
        Ok(series_of(entries, self.limit.get()))
    }

    /// Writes the page.
    fn page(
        &self,
        out: &Path,
        path: &Path,
        past: &Past,
        wants: &impl Fn(&str, &str) -> bool,
    ) -> Result<Exit, Stopped> {
        not_a_dash(out)?;
        let all = ["*".to_owned()];
        let names = match self.names.is_empty() {
            true => &all[..],
            false => &self.names,
        };
        let series = self.series(names, past, wants)?;
        if series.is_empty() {
            note(&nothing(path).to_string());
            return Ok(Exit::NoCase);
        }
        let entries = series.iter().flat_map(|it| &it.entries);
        let shown: BTreeSet<i64> = entries.map(|it| it.entry.run).collect();
        let runs = past
            .runs(usize::MAX, |run| shown.contains(&run.run))
            .map_err(|why| why.advised())?;
        let name = path.display().to_string();
        let source = past::source(&name, &runs, &series, self.limit.get());
        outputs::write(out, &render(&[source]), html::is_ours, self.force)?;
        print(format!("{}: open it in a browser", out.display()));
        Ok(Exit::Success)
    }

    fn in_lane(&self, lane: Lane) -> bool {
        let wanted = |it: &Lane| *it == lane || *it == lane.family();
        self.lane.is_empty() || self.lane.iter().any(wanted)
    }

    /// Lists what came of the cases, or climbs, of one run.
    fn list(&self, past: &Past, choice: RunChoice) -> Result<Exit, Stopped> {
        let mut listing = past.listing(choice).map_err(|why| why.advised())?;
        let names = recorded(&self.names)?;
        let only = |verdict| self.only.is_empty() || self.only.iter().any(|it| it.holds(verdict));
        let case = |it: &CaseRecord| {
            let named = |name: &Name| name.holds(&it.scenario, it.lane, it.n);
            let named = names.is_empty() || names.iter().any(named);
            named && only(it.verdict) && self.in_lane(it.lane)
        };
        let climb = |it: &ClimbRecord| {
            let named = names.is_empty() || names.iter().any(|name| name.is_of(&it.scenario));
            named && only(it.verdict) && self.in_lane(it.lane)
        };
        listing.cases.retain(case);
        listing.climbs.retain(climb);
        let is_empty = listing.cases.is_empty() && listing.climbs.is_empty();
        if self.json {
            print(json!(listing));
        } else if is_empty {
            let what = format!("run {} has nothing that matches", listing.run);
            let next = "leave something out of what it has to match";
            note(&Problem::new(what).next(next).to_string());
        } else {
            print(listing_text(&listing));
        }
        Ok(match is_empty {
            true => Exit::NoCase,
            false => Exit::Success,
        })
    }
}

/// Where there is nothing to show.
fn nothing(path: &Path) -> Problem {
    let what = format!("nothing that matches is recorded in {}", path.display());
    let next = "`vera-stress history` lists the runs, `vera-stress list` the scenarios";
    Problem::new(what).next(next)
}

/// What a case must have come to.
#[derive(Clone, Copy, Debug)]
enum Only {
    /// Any failure.
    Failed,
    /// This.
    Verdict(Verdict),
}

impl Only {
    fn holds(self, verdict: Verdict) -> bool {
        match self {
            Only::Failed => matches!(verdict, Verdict::Failed(_)),
            Only::Verdict(wanted) => wanted == verdict,
        }
    }
}

impl FromStr for Only {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Only, Problem> {
        if text == "failed" {
            return Ok(Only::Failed);
        }
        let verdict = Verdict::deserialize(StrDeserializer::<Error>::new(text));
        verdict.map(Only::Verdict).map_err(|_| {
            Problem::new(format!("no case comes to `{text}`"))
                .next("write failed, known, fixed, unsupported, not-run or pass, or one way to fail, such as trap")
        })
    }
}

/// Whether a version, or what stood after `--vera`, is one of those asked for.
fn wanted_veras(several: &[String]) -> Result<impl Fn(&str, &str) -> bool + use<>, Problem> {
    let mut ranges = Vec::new();
    let mut names = Vec::new();
    for text in several {
        match Range::parse(text) {
            Some(range) => ranges.push(range?),
            None => names.push(text.clone()),
        }
    }
    Ok(move |vera: &str, spec: &str| {
        let named = |name: &String| name == vera || name == spec;
        let held = |range: &Range| {
            let after = |from: &String| in_order(vera, from).is_ge();
            let before = |to: &String| in_order(vera, to).is_le();
            range.from.as_ref().is_none_or(after) && range.to.as_ref().is_none_or(before)
        };
        let none = names.is_empty() && ranges.is_empty();
        none || names.iter().any(named) || ranges.iter().any(held)
    })
}
