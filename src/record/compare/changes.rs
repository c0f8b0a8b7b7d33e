//! What changed from one version to another.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cell, Comparison, Quantity, Row};
use crate::case::Engine;
use crate::judge::Verdict;
use crate::scenario::FailureKind;

/// A time that changed by less than this factor, or by less than so many seconds,
/// says nothing: a clock is no exact count.
const TIME_FACTOR: f64 = 2.0;
/// And by so many seconds.
pub const TIME_SECONDS: f64 = 0.1;

/// The memory of a process holds its interpreter, whatever the allocator has not given
/// back, and what the worker that it was forked from had made by then: what changed by
/// less than this says nothing either.
const MEMORY_FACTOR: f64 = 1.25;
/// And by so many bytes.
pub const MEMORY_BYTES: f64 = (48 << 20) as f64;

/// Where time fell or rose by so many times more than instructions did, it was
/// not spent in the program.
const HOST_FACTOR: f64 = 2.0;

/// What a change means.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It passed and fails, costs more, or its ceiling is lower.
    Regression,
    /// It comes to something else, and nobody says which of the two is right.
    Result,
    /// It failed and passes.
    Fix,
    /// It fails in another way.
    Otherwise,
    /// It costs less, or its ceiling is higher.
    Improvement,
}

/// How one quantity changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantityChange {
    /// The quantity.
    pub quantity: Quantity,
    /// What it was.
    pub before: f64,
    /// What it is.
    pub after: f64,
    /// How many times as much that is; the ceiling counts from 1 up.
    pub ratio: f64,
    /// Whether it changed by at least so much: a budget ended what took longer.
    pub at_least: bool,
}

impl QuantityChange {
    /// Whether more of it is spent, or less is reached.
    pub fn is_worse(&self) -> bool {
        match self.quantity {
            Quantity::Ceiling => self.ratio < 1.0,
            Quantity::Instructions
            | Quantity::Heap
            | Quantity::Time
            | Quantity::Memory
            | Quantity::Compile
            | Quantity::CompileMemory => self.ratio > 1.0,
        }
    }

    /// How far it changed, whichever way.
    fn size(&self) -> f64 {
        self.ratio.ln().abs()
    }
}

/// What changed in one case from one version to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What it means.
    pub kind: ChangeKind,
    /// The case: its place among the rows.
    pub row: usize,
    /// The earlier version: its place among the columns.
    pub from: usize,
    /// The later one.
    pub to: usize,
    /// Its verdicts on the two.
    pub verdicts: (Verdict, Verdict),
    /// What it came to on the two, where that is not the same and nobody says what it
    /// must come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<(String, String)>,
    /// What is not as it should be on the later one.
    pub message: String,
    /// The cause, where a known limit of the scenario says it.
    pub because: Option<String>,
    /// The quantities that changed, the largest change first.
    pub steps: Vec<QuantityChange>,
    /// How many times as many instructions the same program took in lane `native`,
    /// where its time on the reference engine changed and this does not explain it.
    pub instructions: Option<f64>,
}

impl Change {
    /// Whether a verdict changed, or a result, and not only a cost.
    pub fn is_of_verdict(&self) -> bool {
        self.verdicts.0 != self.verdicts.1 || self.results.is_some()
    }

    /// How far the quantity changed that changed most.
    pub fn size(&self) -> f64 {
        self.steps.first().map_or(0.0, QuantityChange::size)
    }
}

impl Comparison {
    /// What changed in each case since the version on which it last did, so that
    /// what creeps up by less than is allowed each time is told where it adds up to
    /// more.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let mut examined = (0..row.cells.len()).filter(|&it| known(row, it).is_some());
            let Some(mut from) = examined.next() else {
                continue;
            };
            for to in examined {
                if let Some(change) = self.change(place, from, to) {
                    from = to;
                    if !self.is_told_above(&change) {
                        changes.push(change);
                    }
                }
            }
        }
        changes.sort_by(|one, other| {
            let key = |it: &Change| (it.kind, it.to, !it.is_of_verdict());
            let sizes = other.size().total_cmp(&one.size());
            key(one).cmp(&key(other)).then(sizes)
        });
        changes
    }

    /// What is worse, or comes to something else, on any version than on the first that
    /// was set up.
    pub fn regressions(&self) -> Vec<Change> {
        let Some(base) = self.info.columns.iter().position(|it| it.vera.is_some()) else {
            return Vec::new();
        };
        let rows = 0..self.rows.len();
        let columns = base + 1..self.info.columns.len();
        rows.flat_map(|row| columns.clone().map(move |to| (row, to)))
            .filter_map(|(row, to)| self.change(row, base, to))
            .filter(|change| matches!(change.kind, ChangeKind::Regression | ChangeKind::Result))
            .filter(|change| !self.is_told_above(change))
            .collect()
    }

    /// Whether the same case fails, or passes, for the same versions at a larger n
    /// too. Where a case fails it is examined at a smaller n for its cost: that it
    /// fails there as well is no second change.
    fn is_told_above(&self, change: &Change) -> bool {
        let row = &self.rows[change.row];
        let larger = |other: &Row| {
            (&other.scenario, other.lane) == (&row.scenario, row.lane) && other.n > row.n
        };
        change.is_of_verdict()
            && row.n.is_some()
            && (0..self.rows.len())
                .filter(|&place| larger(&self.rows[place]))
                .filter_map(|place| self.change(place, change.from, change.to))
                .any(|above| above.is_of_verdict() && above.kind == change.kind)
    }

    /// The rows by what changed most, from the first version on which a case was
    /// examined to any other: verdicts before costs. Rows that are the same on
    /// all versions come second. Those of which all is told by a larger n are in
    /// neither.
    pub fn by_change(&self) -> (Vec<&Row>, Vec<&Row>) {
        let mut changed = Vec::new();
        let mut same = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let examined: Vec<usize> = (0..row.cells.len())
                .filter(|&it| known(row, it).is_some())
                .collect();
            let pairs = examined.iter().enumerate().flat_map(|(at, &to)| {
                // A cost is compared with the first version that has one.
                examined[..at].iter().map(move |&from| (from, to))
            });
            let all: Vec<Change> = pairs
                .filter_map(|(from, to)| self.change(place, from, to))
                .collect();
            let verdicts = all.iter().any(Change::is_of_verdict);
            let size = all.iter().map(Change::size).fold(0.0, f64::max);
            if all.is_empty() {
                same.push(row);
            } else if !all.iter().all(|change| self.is_told_above(change)) {
                changed.push((verdicts, size, row));
            }
        }
        changed.sort_by(|one, other| other.0.cmp(&one.0).then(other.1.total_cmp(&one.1)));
        (changed.into_iter().map(|it| it.2).collect(), same)
    }

    /// What changed in a case between two versions; `None` where nothing did, or
    /// where nothing is known of one of the two.
    fn change(&self, place: usize, from: usize, to: usize) -> Option<Change> {
        let row = &self.rows[place];
        let (before, after) = (known(row, from)?, known(row, to)?);
        let mut steps = self.steps(before, after);
        steps.sort_by(|one, other| other.size().total_cmp(&one.size()));
        let results = before.result.clone().zip(after.result.clone());
        let of_verdict = before.verdict != after.verdict;
        let results = results.filter(|(before, after)| before != after && !of_verdict);
        let kind = match Standing::of(before).cmp(&Standing::of(after)) {
            Ordering::Greater => ChangeKind::Regression,
            Ordering::Less => ChangeKind::Fix,
            Ordering::Equal if results.is_some() => ChangeKind::Result,
            Ordering::Equal if steps.iter().any(QuantityChange::is_worse) => ChangeKind::Regression,
            Ordering::Equal if before.verdict != after.verdict => ChangeKind::Otherwise,
            Ordering::Equal if steps.is_empty() => return None,
            Ordering::Equal => ChangeKind::Improvement,
        };
        let time = steps.iter().find(|it| it.quantity == Quantity::Time);
        let instructions = time.and_then(|time| {
            let ratio = self.instructions(row, from, to)?;
            // What a process costs whatever it runs makes times change less.
            let beyond = match time.ratio < 1.0 {
                true => ratio / time.ratio,
                false => time.ratio / ratio,
            };
            (beyond > HOST_FACTOR).then_some(ratio)
        });
        Some(Change {
            kind,
            row: place,
            from,
            to,
            verdicts: (before.verdict, after.verdict),
            results,
            message: after.message.clone(),
            because: after.because.clone(),
            steps,
            instructions,
        })
    }

    fn steps(&self, before: &Cell, after: &Cell) -> Vec<QuantityChange> {
        let step = |quantity: Quantity| {
            let (was, is) = (quantity.of(before)?, quantity.of(after)?);
            let ratio = quantity.ratio(was, is);
            let far = |factor: f64, least: f64| {
                !(1.0 / factor..=factor).contains(&ratio) && (is - was).abs() >= least
            };
            let changed = match quantity {
                Quantity::Ceiling => self.ceiling_changed(before, after, ratio),
                Quantity::Instructions | Quantity::Heap => self.differ(was as u64, is as u64),
                Quantity::Time => {
                    // Two that were both ended took as long as they were let.
                    let known = !(before.time_at_least && after.time_at_least);
                    known && far(TIME_FACTOR, TIME_SECONDS)
                }
                Quantity::Compile => far(TIME_FACTOR, TIME_SECONDS),
                Quantity::Memory | Quantity::CompileMemory => far(MEMORY_FACTOR, MEMORY_BYTES),
            };
            changed.then_some(QuantityChange {
                quantity,
                before: was,
                after: is,
                ratio,
                at_least: quantity == Quantity::Time
                    && (before.time_at_least || after.time_at_least),
            })
        };
        Quantity::ALL.into_iter().filter_map(step).collect()
    }

    /// A ceiling that a clock had a part in is another one each time.
    fn ceiling_changed(&self, before: &Cell, after: &Cell, ratio: f64) -> bool {
        let repeats = |cell: &Cell| cell.ceiling.as_ref().is_some_and(|it| it.repeats);
        let exact = |cell: &Cell| cell.ceiling.as_ref().is_some_and(|it| it.exact);
        let count = |cell: &Cell| Quantity::Ceiling.of(cell).unwrap_or(0.0) as u64;
        let failed = match ratio < 1.0 {
            true => exact(after),
            false => exact(before),
        };
        // Where a budget ends a climb, its ceiling is a cost, which others show.
        failed
            && (repeats(before) || exact(before))
            && (repeats(after) || exact(after))
            && self.differ(count(before), count(after))
    }

    /// Whether a count went up, or down, by more than is allowed.
    fn differ(&self, before: u64, after: u64) -> bool {
        let allowed = &self.info.allowed;
        allowed.is_exceeded(before, after) || allowed.is_exceeded(after, before)
    }

    /// How many times as many instructions the scenario of a row of the reference
    /// engine took in lane `native`, at the same n or else at any.
    fn instructions(&self, row: &Row, from: usize, to: usize) -> Option<f64> {
        let work = |other: &Row, column: usize| Quantity::Instructions.of(known(other, column)?);
        let ratio = |other: &&Row| Some(work(other, to)? / work(other, from)?);
        let counted = || {
            let native = |it: &&Row| it.lane.engine == Engine::Native;
            let same = |it: &&Row| it.scenario == row.scenario;
            self.rows.iter().filter(same).filter(native)
        };
        let at_same = counted().find(|it| it.n == row.n && ratio(it).is_some());
        let any = || counted().find(|it| ratio(it).is_some());
        ratio(&at_same.or_else(any)?)
    }
}

/// How well a case did: what grows too fast has still come to the right result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Fails,
    Right,
    Passes,
}

impl Standing {
    fn of(cell: &Cell) -> Standing {
        match cell.verdict {
            Verdict::Pass | Verdict::Fixed => Standing::Passes,
            Verdict::Failed(FailureKind::Growth) => Standing::Right,
            Verdict::Failed(_)
            | Verdict::Known
            | Verdict::Unsupported
            | Verdict::Refused
            | Verdict::Undecided
            | Verdict::NotRun => Standing::Fails,
        }
    }
}

/// A cell of which something is known.
fn known(row: &Row, column: usize) -> Option<&Cell> {
    row.cells[column].as_ref().filter(|cell| cell.ran())
}

#[cfg(test)]
pub(crate) mod tests;
