//! A history as lines of JSON that become a page: its runs, and a line for each
//! scenario and lane.

use serde::Serialize;

use super::PageSource;
use crate::case::Lane;
use crate::record::Format;
use crate::record::history::read::{Entry, PastRun, Sighting};
use crate::report::terminal::history::Series;

/// A line of a history.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    HistoryStarted {
        format: Format,
        vera_stress: &'static str,
        /// The file that it was read from.
        path: &'a str,
        /// How many runs of each scenario and lane are here at most.
        limit: usize,
        runs: &'a [PastRun],
    },
    Series {
        scenario: &'a str,
        lane: Lane,
        climbs: bool,
        points: Vec<Point<'a>>,
    },
    HistoryFinished {
        series: usize,
    },
}

/// What one run recorded of it.
#[derive(Serialize)]
struct Point<'a> {
    run: i64,
    /// The kind of the run: where versions are compared, there are no known limits.
    kind: &'a str,
    /// The seed of the lane, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<String>,
    verdict: &'a str,
    message: &'a str,
    #[serde(flatten)]
    seen: &'a Sighting,
}

impl Point<'_> {
    fn of(entry: &Entry) -> Point<'_> {
        let lane = entry.lane.to_string();
        Point {
            run: entry.run,
            kind: &entry.kind,
            seed: lane.rsplit_once('=').map(|(_, seed)| seed.to_owned()),
            verdict: &entry.verdict,
            message: &entry.message,
            seen: &entry.seen,
        }
    }
}

/// The history in the file at `path`: these runs, and of each scenario and lane the
/// newest `limit`.
pub fn source(path: &str, runs: &[PastRun], series: &[Series], limit: usize) -> PageSource {
    let start = Line::HistoryStarted {
        format: Format::CURRENT,
        vera_stress: env!("CARGO_PKG_VERSION"),
        path,
        limit,
        runs,
    };
    let end = Line::HistoryFinished {
        series: series.len(),
    };
    let lines = [start]
        .into_iter()
        .chain(series.iter().map(line))
        .chain([end]);
    let lines = lines.map(|it| {
        let line = serde_json::to_string(&it).expect("JSON of plain data can be written");
        line + "\n"
    });
    PageSource::new("history.jsonl", lines.collect::<String>().into_bytes())
}

fn line(series: &Series) -> Line<'_> {
    Line::Series {
        scenario: &series.scenario,
        lane: series.lane,
        climbs: series.climbs,
        points: (series.entries.iter())
            .map(|it| Point::of(&it.entry))
            .collect(),
    }
}
