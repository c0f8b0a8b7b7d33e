//! Holding a run against an earlier one: which of its counts went up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CaseRecord;
use crate::case::{Case, Ending, Lane};
use crate::judge::drift::{Counts, Drift, Earlier, Share, compare};

/// The counts of an earlier run.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its id in the history.
    pub run: i64,
    /// When it began.
    pub started: String,
    /// The version of Vera.
    pub vera: String,
    /// What was counted, of each case that returned.
    pub counts: HashMap<CaseKey, Counted>,
}

/// A case of an earlier run: its scenario, its lane with its seed, its n.
pub type CaseKey = (String, Lane, u64);

/// What an earlier run counted of a case.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The counts.
    pub counts: Counts,
    /// What chance repeated with.
    pub seed: Option<u64>,
}

/// An earlier run, and how far counts may go up from there.
#[derive(Debug)]
pub struct Against {
    base: Base,
    share: Share,
    /// What a command must say to compare in the same way.
    options: String,
    compared: AtomicUsize,
    down: AtomicUsize,
}

/// What a run is held against, in its record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgainstInfo {
    /// The id of the earlier run.
    pub run: i64,
    /// When that began.
    pub started: String,
    /// Its Vera.
    pub vera: String,
    /// How far a count may go up: `10%`.
    pub allowed: String,
    /// How many of the planned cases have counts there.
    pub comparable: usize,
}

/// What came of it, in the record of the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgainstSummary {
    /// How many cases had counts in both runs; `None` where an old history does
    /// not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<usize>,
    /// Of how many a count went up by more than is allowed.
    pub drifted: usize,
    /// How many counts went down; `None` where an old history does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<usize>,
}

impl AgainstSummary {
    /// Two parts of a run together.
    pub fn and(self, other: AgainstSummary) -> AgainstSummary {
        let sum = |one: Option<usize>, other: Option<usize>| Some(one? + other?);
        AgainstSummary {
            compared: sum(self.compared, other.compared),
            drifted: self.drifted + other.drifted,
            down: sum(self.down, other.down),
        }
    }
}

impl Against {
    /// Holds a run against `base`. A command with these `options` compares in the
    /// same way.
    pub fn new(base: Base, share: Share, options: String) -> Against {
        Against {
            base,
            share,
            options,
            compared: AtomicUsize::new(0),
            down: AtomicUsize::new(0),
        }
    }

    /// What to record of it at the beginning of a run of `cases`.
    pub fn info<'a>(&self, cases: impl Iterator<Item = &'a Case>) -> AgainstInfo {
        let has = |case: &&Case| {
            let key = (case.scenario.clone(), case.lane, case.scale.get());
            self.base.counts.contains_key(&key)
        };
        AgainstInfo {
            run: self.base.run,
            started: self.base.started.clone(),
            vera: self.base.vera.clone(),
            allowed: self.share.to_string(),
            comparable: cases.filter(has).count(),
        }
    }

    /// What of a case went up by more than is allowed. A case without counts in
    /// one of the runs says nothing.
    pub fn drifts(&self, record: &CaseRecord) -> Vec<Drift> {
        let key = (record.scenario.clone(), record.lane, record.n.get());
        let (Some(now), Some(before)) = (counts(record), self.base.counts.get(&key)) else {
            return Vec::new();
        };
        // Other random numbers are other instructions.
        if asks_for_chance(record) && before.seed != record.seed {
            return Vec::new();
        }
        let earlier = Earlier {
            run: self.base.run,
            vera: &self.base.vera,
        };
        let again = format!("{} {}", record.again, self.options);
        let found = compare(before.counts, now, &self.share, earlier, &again);
        self.compared.fetch_add(1, Ordering::Relaxed);
        self.down.fetch_add(found.down, Ordering::Relaxed);
        found.drifts
    }

    /// What came of it at the end of a run.
    pub fn summary(&self, records: &[CaseRecord]) -> AgainstSummary {
        AgainstSummary {
            compared: Some(self.compared.load(Ordering::Relaxed)),
            drifted: records.iter().filter(|it| !it.drifts.is_empty()).count(),
            down: Some(self.down.load(Ordering::Relaxed)),
        }
    }
}

/// The exact counts of a case that returned on an engine that counts.
pub fn counts(record: &CaseRecord) -> Option<Counts> {
    let returned = matches!(record.ending, Some(Ending::Returned { .. }));
    let measures = record.measures.as_ref().filter(|_| returned)?;
    Some(Counts {
        instructions: measures.instructions,
        heap: measures.heap,
    })
}

/// Whether what it does depends on the seed of its run.
pub fn asks_for_chance(record: &CaseRecord) -> bool {
    let calls = record.measures.iter().flat_map(|it| it.host_calls.keys());
    calls.into_iter().any(|name| name.contains("random"))
}
