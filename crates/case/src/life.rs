//! The heap of a program over its life: how much of it was in use when, and what
//! each collection gave back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::{Bytes, Instructions};

/// How many collections of a life are kept at most.
pub const MOST_KEPT: usize = 200;

/// The heap of a program over its life.
///
/// Bytes are in use from when they are allocated until a collection frees them.
/// When something happened is counted in the program's own instructions, as
/// [`Measures::instructions`](super::Measures::instructions) is: the same program, module and n
/// have the same life on every machine. The one exception is the `end` of a
/// program whose access traps, where a few instructions are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeapLife {
    /// What `at` is counted in, everywhere in here.
    pub unit: LifeUnit,
    /// How many collections there were.
    pub collections: u64,
    /// One collection in so many is kept, from the first on: 1 where all are.
    pub every: u64,
    /// Those that are kept, in their order: never more than [`MOST_KEPT`], and
    /// always the one that found the most in use. One in which the program ended
    /// is not among them.
    pub kept: Vec<Collection>,
    /// How it ended.
    pub end: LifeEnd,
}

/// What the progress of a program is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LifeUnit {
    /// Its instructions, as [`Instructions`].
    Instructions,
}

/// A collection: in JSON three numbers, `[at, before, after]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    from = "(Instructions, Bytes, Bytes)",
    into = "(Instructions, Bytes, Bytes)"
)]
pub struct Collection {
    /// When it began.
    pub at: Instructions,
    /// What was in use before it.
    pub before: Bytes,
    /// What it left.
    pub after: Bytes,
}

impl From<(Instructions, Bytes, Bytes)> for Collection {
    fn from((at, before, after): (Instructions, Bytes, Bytes)) -> Collection {
        Collection { at, before, after }
    }
}

impl From<Collection> for (Instructions, Bytes, Bytes) {
    fn from(it: Collection) -> (Instructions, Bytes, Bytes) {
        (it.at, it.before, it.after)
    }
}

/// The end of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LifeEnd {
    /// When it was.
    pub at: Instructions,
    /// What was in use.
    pub used: Bytes,
}

/// The collections of a program that still runs. However many there are, it
/// takes no more memory than those that are kept.
#[derive(Clone, Debug)]
pub struct Collections {
    begun: u64,
    ended: u64,
    every: u64,
    kept: Vec<Collection>,
    /// The one that found the most in use, with how many were before it.
    peak: Option<(u64, Collection)>,
    /// The one that is under way.
    under_way: Option<(Instructions, Bytes)>,
}

impl Default for Collections {
    fn default() -> Collections {
        Collections {
            begun: 0,
            ended: 0,
            every: 1,
            kept: Vec::new(),
            peak: None,
            under_way: None,
        }
    }
}

impl Collections {
    /// A collection begins, and so much is in use.
    pub fn began(&mut self, at: Instructions, used: Bytes) {
        self.begun += 1;
        self.under_way = Some((at, used));
    }

    /// It has ended, and so much is left.
    pub fn ended(&mut self, left: Bytes) {
        let Some((at, before)) = self.under_way.take() else {
            return;
        };
        let place = self.ended;
        self.ended += 1;
        let collection = Collection {
            at,
            before,
            after: left,
        };
        if self.peak.is_none_or(|(_, peak)| before > peak.before) {
            self.peak = Some((place, collection));
        }
        if !place.is_multiple_of(self.every) {
            return;
        }
        // One place is for the peak.
        if self.kept.len() == MOST_KEPT - 1 {
            self.every *= 2;
            let mut odd = true;
            self.kept.retain(|_| {
                odd = !odd;
                !odd
            });
        }
        if place.is_multiple_of(self.every) {
            self.kept.push(collection);
        }
    }

    /// The life of a program that has ended.
    pub fn until(self, end: LifeEnd) -> HeapLife {
        let mut kept = self.kept;
        if let Some((place, peak)) = self.peak
            && !place.is_multiple_of(self.every)
        {
            let before = usize::try_from(place / self.every).unwrap_or(usize::MAX);
            kept.insert(before.saturating_add(1).min(kept.len()), peak);
        }
        HeapLife {
            unit: LifeUnit::Instructions,
            collections: self.begun,
            every: self.every,
            kept,
            end,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const END: LifeEnd = LifeEnd {
        at: Instructions(u64::MAX),
        used: Bytes(3),
    };

    /// Collections that find so much each, and leave half of it.
    fn life(found: &[u64]) -> HeapLife {
        let mut collections = Collections::default();
        for (at, &used) in (0..).zip(found) {
            collections.began(Instructions(at), Bytes(used));
            collections.ended(Bytes(used / 2));
        }
        collections.until(END)
    }

    #[test]
    fn few_collections_are_all_kept() {
        for count in [0, 1, MOST_KEPT - 1] {
            let life = life(&vec![8; count]);
            assert_eq!((life.kept.len(), life.every), (count, 1));
        }
        let thinned = life(&[8; MOST_KEPT]);
        assert_eq!((thinned.kept.len(), thinned.every), (MOST_KEPT / 2, 2));
    }

    #[test]
    fn a_collection_without_an_end_is_counted_and_not_kept() {
        let mut collections = Collections::default();
        collections.began(Instructions(5), Bytes(100));
        let life = collections.until(END);
        assert_eq!((life.collections, life.kept), (1, Vec::new()));
    }

    #[test]
    fn it_is_three_numbers_a_collection_and_read_back_as_it_was() {
        let life = life(&[10, 30]);
        let text = serde_json::to_string(&life).unwrap();
        assert_eq!(
            text,
            format!(
                "{{\"unit\":\"instructions\",\"collections\":2,\"every\":1,\
                 \"kept\":[[0,10,5],[1,30,15]],\"end\":{{\"at\":{},\"used\":3}}}}",
                u64::MAX
            )
        );
        assert_eq!(serde_json::from_str::<HeapLife>(&text).unwrap(), life);
        assert!(serde_json::from_str::<HeapLife>(&text.replace("[0,10,5]", "[0,10]")).is_err());
    }

    proptest! {
        #[test]
        fn what_is_kept_is_even_bounded_and_has_the_peak(
            found in prop::collection::vec(0..1_000_u64, 0..5_000),
        ) {
            let life = life(&found);
            prop_assert_eq!(life.collections, found.len() as u64);
            prop_assert!(life.kept.len() <= MOST_KEPT);
            // At least half of what there is room for.
            prop_assert!(life.kept.len() >= found.len().min(MOST_KEPT / 2 - 1));
            prop_assert!(life.kept.windows(2).all(|pair| pair[0].at < pair[1].at));
            for it in &life.kept {
                let place = usize::try_from(it.at.0).unwrap();
                prop_assert_eq!(it.before.0, found[place]);
                prop_assert_eq!(it.after.0, found[place] / 2);
            }
            let even = (0..found.len() as u64).step_by(usize::try_from(life.every).unwrap());
            let places: Vec<u64> = life.kept.iter().map(|it| it.at.0).collect();
            prop_assert!(even.clone().all(|place| places.contains(&place)));
            let beside = places.iter().filter(|place| !place.is_multiple_of(life.every));
            prop_assert!(beside.count() <= 1);
            let most = life.kept.iter().map(|it| it.before.0).max();
            prop_assert_eq!(most, found.iter().copied().max());
        }
    }
}
