//! The search for the first bad version. It knows nothing of Vera or of git:
//! versions are numbers, and somebody else says what lies between two of them
//! and looks at one.
//!
//! A version is taken to be good where one that comes from it is good, and to be
//! bad where it comes from one that is bad, as in every bisection.

use std::collections::BTreeMap;

use crate::case::Problem;

/// What a look at a version came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// What is searched is there.
    Bad,
    /// It is not.
    Good,
    /// This version cannot tell.
    Skip,
}

/// Which version comes from which.
pub trait Order {
    /// What `bad` comes from, and none of `good` is or comes from: whatever could
    /// be the first bad version beside `bad` itself. The one that halves them best
    /// stands first.
    fn between(&self, good: &[usize], bad: usize) -> Result<Vec<usize>, Problem>;

    /// Whether [`Order::between`] would hold more if `end` were not good.
    fn rests_on(&self, end: usize, good: &[usize], bad: usize) -> Result<bool, Problem>;

    /// The one of `good`, in the order in which they were found, that stands
    /// nearest before `bad`.
    fn nearest(&self, good: &[usize], bad: usize) -> Option<usize>;
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchStep {
    /// To look at a version.
    Look(usize),
    /// Nothing more.
    Done(SearchAnswer),
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchAnswer {
    /// The first bad version.
    Found {
        /// It.
        first_bad: usize,
        /// The good version before it.
        last_good: usize,
    },
    /// It is one of several, and all but the last of them cannot tell.
    OneOf {
        /// All of them, the one that was seen to be bad last.
        suspects: Vec<usize>,
        /// The good version before them.
        last_good: usize,
    },
    /// Nothing was seen to be good, and the good end cannot tell. Where anything
    /// before it is good, the first bad version is one of these.
    NoGood {
        /// All of them, the one that was seen to be bad last.
        suspects: Vec<usize>,
    },
    /// The bad end is good.
    BadIsGood,
    /// The bad end cannot tell.
    BadCannotTell,
    /// The good end is bad.
    GoodIsBad,
}

/// A search under way.
pub struct Search<'a, O: Order + ?Sized> {
    order: &'a O,
    good_end: usize,
    bad_end: usize,
    both_ends: bool,
    bad: usize,
    good: Vec<usize>,
    seen: BTreeMap<usize, Says>,
}

impl<'a, O: Order + ?Sized> Search<'a, O> {
    /// A search from a good end to a bad end, which is looked at first. The good
    /// end is looked at only if the answer would rest on it, or once it is needed.
    pub fn new(order: &'a O, (good_end, bad_end): (usize, usize)) -> Self {
        Search {
            order,
            good_end,
            bad_end,
            both_ends: false,
            bad: bad_end,
            good: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Has the good end looked at before any other: what was seen cannot be told
    /// without it.
    pub fn needs_good_end(&mut self) {
        self.both_ends = true;
    }

    /// What to do next. The error is the order's.
    pub fn next(&self) -> Result<SearchStep, Problem> {
        match self.seen.get(&self.bad_end) {
            None => return Ok(SearchStep::Look(self.bad_end)),
            Some(Says::Good) => return Ok(SearchStep::Done(SearchAnswer::BadIsGood)),
            Some(Says::Skip) => return Ok(SearchStep::Done(SearchAnswer::BadCannotTell)),
            Some(Says::Bad) => {}
        }
        let end = self.seen.get(&self.good_end).copied();
        match end {
            Some(Says::Bad) => return Ok(SearchStep::Done(SearchAnswer::GoodIsBad)),
            None if self.both_ends => return Ok(SearchStep::Look(self.good_end)),
            Some(Says::Skip) if self.both_ends => {
                return Ok(SearchStep::Done(SearchAnswer::NoGood {
                    suspects: self.suspects()?,
                }));
            }
            Some(Says::Good | Says::Skip) | None => {}
        }
        let suspects = self.suspects()?;
        let unseen = |it: &&usize| !self.seen.contains_key(it);
        // `bad` was seen.
        if let Some(next) = suspects.iter().find(unseen) {
            return Ok(SearchStep::Look(*next));
        }
        let rests = || self.order.rests_on(self.good_end, &self.good, self.bad);
        if end != Some(Says::Good) && rests()? {
            // A claim that nobody looked at is no answer.
            return Ok(match end {
                None => SearchStep::Look(self.good_end),
                Some(_) => SearchStep::Done(SearchAnswer::NoGood { suspects }),
            });
        }
        let last_good = self.last_good().expect("the answer rests on a good one");
        Ok(SearchStep::Done(match suspects[..] {
            [first_bad] => SearchAnswer::Found {
                first_bad,
                last_good,
            },
            _ => SearchAnswer::OneOf {
                suspects,
                last_good,
            },
        }))
    }

    /// Takes what a look at `version` came to.
    pub fn told(&mut self, version: usize, says: Says) {
        self.seen.insert(version, says);
        match says {
            Says::Bad if version != self.good_end => self.bad = version,
            Says::Good if version != self.bad_end => self.good.push(version),
            Says::Bad | Says::Good | Says::Skip => {}
        }
    }

    /// The first version that was seen to be bad so far.
    pub fn first_bad(&self) -> Option<usize> {
        (self.seen.get(&self.bad_end) == Some(&Says::Bad)).then_some(self.bad)
    }

    /// The version nearest before it that was seen to be good so far.
    pub fn last_good(&self) -> Option<usize> {
        self.order.nearest(&self.good, self.bad)
    }

    /// Whatever can be the first bad version; the one that was seen to be bad
    /// stands last.
    pub fn suspects(&self) -> Result<Vec<usize>, Problem> {
        let mut good = self.good.clone();
        good.push(self.good_end);
        let mut suspects = self.order.between(&good, self.bad)?;
        suspects.push(self.bad);
        Ok(suspects)
    }
}

/// Versions in a row, the oldest first.
#[derive(Clone, Copy, Debug)]
pub struct VersionRow;

impl Order for VersionRow {
    fn between(&self, good: &[usize], bad: usize) -> Result<Vec<usize>, Problem> {
        let low = good.iter().max().map_or(0, |it| it + 1);
        let mut between: Vec<usize> = (low..bad).collect();
        // Rounded down: the path on which all are bad is the shorter one, since
        // the good end is still to be looked at there.
        let middle = (low + bad).saturating_sub(1) / 2;
        between.sort_by_key(|it| it.abs_diff(middle));
        Ok(between)
    }

    fn rests_on(&self, _end: usize, good: &[usize], _bad: usize) -> Result<bool, Problem> {
        Ok(good.is_empty())
    }

    fn nearest(&self, good: &[usize], _bad: usize) -> Option<usize> {
        good.iter().max().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Searches with somebody who knows; gives the answer and the looks it took.
    fn search(
        order: &impl Order,
        ends: (usize, usize),
        both: bool,
        says: impl Fn(usize) -> Says,
    ) -> (SearchAnswer, Vec<usize>) {
        let mut search = Search::new(order, ends);
        if both {
            search.needs_good_end();
        }
        let mut looks = Vec::new();
        loop {
            match search.next().unwrap() {
                SearchStep::Done(answer) => return (answer, looks),
                SearchStep::Look(version) => {
                    assert!(!looks.contains(&version), "{version} is looked at twice");
                    looks.push(version);
                    search.told(version, says(version));
                }
            }
        }
    }

    fn broken_from(first: usize, skipped: impl Fn(usize) -> bool) -> impl Fn(usize) -> Says {
        move |it| match it {
            it if skipped(it) => Says::Skip,
            it if it >= first => Says::Bad,
            _ => Says::Good,
        }
    }

    #[test]
    fn each_break_among_fifteen_is_found_in_five_looks() {
        let mut most = 0;
        for first in 1..15 {
            let (answer, looks) =
                search(&VersionRow, (0, 14), false, broken_from(first, |_| false));
            let found = SearchAnswer::Found {
                first_bad: first,
                last_good: first - 1,
            };
            assert_eq!(answer, found);
            assert!(looks.contains(&first) && looks.contains(&(first - 1)));
            most = most.max(looks.len());
        }
        assert_eq!(most, 5);
    }

    #[test]
    fn no_row_takes_more_looks_than_its_halvings_and_one() {
        for length in 2..200_usize {
            let most = length.next_power_of_two().trailing_zeros() as usize + 1;
            for first in 1..length {
                let (_, looks) = search(
                    &VersionRow,
                    (0, length - 1),
                    false,
                    broken_from(first, |_| false),
                );
                assert!(looks.len() <= most, "{length} {first} {looks:?}");
            }
        }
    }

    #[test]
    fn whatever_is_skipped_the_answer_is_right_or_names_what_is_left() {
        for first in 1..15 {
            for skips in 0..1_u32 << 14 {
                // Both ends tell here, the good one by its own bit.
                let skipped = |it: usize| it < 14 && skips & (1 << it) != 0;
                let (answer, _) = search(&VersionRow, (0, 14), false, broken_from(first, skipped));
                let low = (0..first).rev().find(|&it| !skipped(it));
                let high = (first..15).find(|&it| !skipped(it)).unwrap();
                let left = |low: usize| (low + 1..=high).collect::<BTreeSet<_>>();
                match (answer, low) {
                    (
                        SearchAnswer::Found {
                            first_bad,
                            last_good,
                        },
                        Some(low),
                    ) => {
                        assert_eq!((first_bad, last_good), (first, low));
                        assert_eq!(left(low).len(), 1);
                    }
                    (
                        SearchAnswer::OneOf {
                            suspects,
                            last_good,
                        },
                        Some(low),
                    ) => {
                        assert_eq!(last_good, low);
                        assert_eq!(suspects.last(), Some(&high));
                        let suspects: BTreeSet<_> = suspects.into_iter().collect();
                        assert!(suspects.len() > 1 && suspects == left(low));
                    }
                    (SearchAnswer::NoGood { suspects }, None) => {
                        let suspects: BTreeSet<_> = suspects.into_iter().collect();
                        assert_eq!(suspects, left(0));
                    }
                    other => panic!("{other:?} with the break at {first} and {skips:b} skipped"),
                }
            }
        }
    }

    #[test]
    fn ends_that_are_not_what_they_are_said_to_be_are_no_answer() {
        let answer = |says: &dyn Fn(usize) -> Says| search(&VersionRow, (0, 9), false, says).0;
        assert_eq!(answer(&|_| Says::Good), SearchAnswer::BadIsGood);
        assert_eq!(answer(&|_| Says::Skip), SearchAnswer::BadCannotTell);
        assert_eq!(answer(&|_| Says::Bad), SearchAnswer::GoodIsBad);
        // Two versions, and nothing between them.
        let (answer, looks) = search(&VersionRow, (0, 1), false, broken_from(1, |_| false));
        assert_eq!(looks, [1, 0]);
        assert!(matches!(answer, SearchAnswer::Found { first_bad: 1, .. }));
    }

    #[test]
    fn where_both_ends_are_needed_they_are_looked_at_first() {
        let (_, looks) = search(&VersionRow, (0, 14), true, broken_from(9, |_| false));
        assert_eq!(looks[..2], [14, 0]);
        let skips_the_end = broken_from(9, |it| it == 0);
        let (answer, looks) = search(&VersionRow, (0, 14), true, skips_the_end);
        assert_eq!(looks, [14, 0]);
        assert!(matches!(answer, SearchAnswer::NoGood { suspects } if suspects.len() == 14));
    }

    /// Versions of which each may come from several, given by number; the last
    /// comes from all.
    #[derive(Debug)]
    struct Graph {
        parents: Vec<Vec<usize>>,
    }

    impl Graph {
        fn before(&self, version: usize) -> BTreeSet<usize> {
            let mut found = BTreeSet::from([version]);
            let mut queue = vec![version];
            while let Some(next) = queue.pop() {
                for &parent in &self.parents[next] {
                    if found.insert(parent) {
                        queue.push(parent);
                    }
                }
            }
            found
        }
    }

    impl Order for Graph {
        fn between(&self, good: &[usize], bad: usize) -> Result<Vec<usize>, Problem> {
            let known: BTreeSet<usize> = good.iter().flat_map(|&it| self.before(it)).collect();
            let left: BTreeSet<usize> = &self.before(bad) - &known;
            let weight = |it: usize| {
                let older = self.before(it).intersection(&left).count();
                older.min(left.len() - older)
            };
            let mut between: Vec<usize> = left.iter().copied().filter(|&it| it != bad).collect();
            between.sort_by_key(|&it| std::cmp::Reverse(weight(it)));
            Ok(between)
        }

        fn rests_on(&self, end: usize, good: &[usize], bad: usize) -> Result<bool, Problem> {
            let with = [good, &[end]].concat();
            Ok(self.between(good, bad)?.len() != self.between(&with, bad)?.len())
        }

        fn nearest(&self, good: &[usize], bad: usize) -> Option<usize> {
            let before = self.before(bad);
            let ancestor = good.iter().rev().find(|it| before.contains(it));
            ancestor.or(good.last()).copied()
        }
    }

    prop_compose! {
        /// A history from 0 to its last version, with merges.
        fn history()(length in 2..24_usize)(
            picks in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(any::<prop::sample::Index>())), length - 1)
        ) -> Graph {
            let mut parents = vec![vec![]];
            for (place, (one, other)) in picks.iter().enumerate() {
                let mut of: Vec<usize> = vec![one.index(place + 1)];
                of.extend(other.map(|it| it.index(place + 1)));
                of.dedup();
                parents.push(of);
            }
            let last = (0..parents.len()).collect();
            parents.push(last);
            Graph { parents }
        }
    }

    proptest! {
        #[test]
        fn the_culprit_in_a_history_with_merges_is_found_or_among_those_left(
            graph in history(),
            culprit in any::<prop::sample::Index>(),
            skips in any::<u32>(),
        ) {
            let last = graph.parents.len() - 1;
            let culprit = 1 + culprit.index(last);
            let skipped = |it: usize| it != last && skips & (1 << it) != 0;
            let says = |it: usize| match graph.before(it).contains(&culprit) {
                _ if skipped(it) => Says::Skip,
                true => Says::Bad,
                false => Says::Good,
            };
            let (answer, _) = search(&graph, (0, last), false, says);
            match answer {
                SearchAnswer::Found { first_bad, last_good } => {
                    prop_assert_eq!(first_bad, culprit);
                    prop_assert_eq!(says(last_good), Says::Good);
                }
                SearchAnswer::OneOf { suspects, .. } | SearchAnswer::NoGood { suspects } => {
                    prop_assert!(suspects.contains(&culprit));
                    let (bad, others) = suspects.split_last().unwrap();
                    prop_assert_eq!(says(*bad), Says::Bad);
                    // What could have told was looked at, unless the good end is
                    // all that is missing.
                    prop_assert!(others.iter().all(|&it| skipped(it)));
                    prop_assert!(!others.is_empty() || skipped(0));
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
