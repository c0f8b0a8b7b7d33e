//! Planned cases that must come to the same result on both engines.
//!
//! What a case did can be wanted twice: at its own turn, and by its partner when
//! that one fails. Whoever comes first runs it and the other takes what is there,
//! so each case is run once, and no verdict depends on which turn came first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::case::Case;

/// What the cases of a run did, as long as a partner may want to know.
pub struct Pairs<T> {
    /// The place of each case that has a partner.
    seats: HashMap<usize, Seat>,
    /// Emptied once both cases of a pair have been judged: outcomes can be big.
    pairs: Vec<Mutex<Option<Arc<Pair<T>>>>>,
}

#[derive(Clone, Copy)]
struct Seat {
    pair: usize,
    side: usize,
}

struct Pair<T> {
    cases: [usize; 2],
    did: [OnceLock<T>; 2],
    judged: AtomicUsize,
}

impl<T: Clone> Pairs<T> {
    /// Of cases that are known by their place in `cases`.
    pub fn of(cases: &[&Case]) -> Pairs<T> {
        let places: HashMap<&Case, usize> = cases.iter().copied().zip(0..).collect();
        let mut seats = HashMap::new();
        let mut pairs = Vec::new();
        for (place, case) in cases.iter().enumerate() {
            let Some(lane) = case.lane.partner() else {
                continue;
            };
            let partner = Case {
                lane,
                ..(*case).clone()
            };
            let Some(&other) = places.get(&partner).filter(|other| **other > place) else {
                continue;
            };
            for (side, place) in [place, other].into_iter().enumerate() {
                let pair = pairs.len();
                seats.insert(place, Seat { pair, side });
            }
            pairs.push(Mutex::new(Some(Arc::new(Pair {
                cases: [place, other],
                did: [OnceLock::new(), OnceLock::new()],
                judged: AtomicUsize::new(0),
            }))));
        }
        Pairs { seats, pairs }
    }

    /// Whether a case was run already, for its partner.
    pub fn has_run(&self, case: usize) -> bool {
        let seat = self.seats.get(&case);
        seat.and_then(|&seat| Some(self.pair(seat)?.did[seat.side].get().is_some()))
            .unwrap_or(false)
    }

    /// The turn of a case: has it run, and judged with a way to what its partner
    /// did.
    ///
    /// `run` must not come back here. Asking for the partner waits at most for
    /// the end of one run, which itself waits for nobody.
    pub fn turn<R>(
        &self,
        case: usize,
        run: impl Fn(usize) -> T,
        judge: impl FnOnce(T, &dyn Fn() -> Option<T>) -> R,
    ) -> R {
        let seated = self
            .seats
            .get(&case)
            .and_then(|&seat| Some((seat.side, self.pair(seat)?)));
        let Some((side, pair)) = seated else {
            return judge(run(case), &|| None);
        };
        let did = |side: usize| pair.did[side].get_or_init(|| run(pair.cases[side])).clone();
        let judged = judge(did(side), &|| Some(did(1 - side)));
        if pair.judged.fetch_add(1, Ordering::Relaxed) == 1 {
            self.forget(case);
        }
        judged
    }

    fn pair(&self, seat: Seat) -> Option<Arc<Pair<T>>> {
        self.pairs[seat.pair]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn forget(&self, case: usize) {
        if let Some(seat) = self.seats.get(&case) {
            *self.pairs[seat.pair]
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Lane, Scale};
    use crate::runner::pool::in_parallel;

    fn case(name: &str, lane: Lane, n: u64) -> Case {
        Case {
            scenario: name.to_owned(),
            lane,
            scale: Scale::new(n).unwrap(),
        }
    }

    /// What a turn found: what the case did, and its partner where it was asked.
    type Found = (usize, Option<usize>);

    /// Every case is asked for its partner; the counts are of runs.
    fn all(cases: &[Case], jobs: usize, backwards: bool) -> (Vec<Found>, Vec<usize>) {
        let cases: Vec<&Case> = cases.iter().collect();
        let pairs = Pairs::of(&cases);
        let runs: Vec<AtomicUsize> = cases.iter().map(|_| AtomicUsize::new(0)).collect();
        let run = |place: usize| {
            runs[place].fetch_add(1, Ordering::Relaxed);
            place
        };
        let mut order: Vec<usize> = (0..cases.len()).collect();
        if backwards {
            order.reverse();
        }
        let mut found = in_parallel(jobs, &order, |place| {
            pairs.turn(place, run, |did, partner| (did, partner()))
        });
        found.sort_by_key(|(place, _)| *place);
        assert!(
            pairs
                .pairs
                .iter()
                .all(|pair| pair.lock().unwrap().is_none()),
            "what both partners have seen is kept by nobody"
        );
        (
            found.into_iter().map(|(_, found)| found).collect(),
            runs.iter().map(|it| it.load(Ordering::Relaxed)).collect(),
        )
    }

    #[test]
    fn partners_are_the_same_mode_at_the_same_n_on_the_other_engine() {
        let cases = [
            case("a", Lane::REFERENCE, 10),
            case("a", Lane::REFERENCE_EAGER, 10),
            case("a", Lane::NATIVE, 10),
            case("a", Lane::NATIVE_EAGER, 11),
            case("a", Lane::NATIVE_NEVER, 10),
            case("b", Lane::NATIVE, 10),
        ];
        for (jobs, backwards) in [(1, false), (1, true), (8, false), (8, true)] {
            let (found, runs) = all(&cases, jobs, backwards);
            let partners: Vec<Option<usize>> = found.iter().map(|it| it.1).collect();
            assert_eq!(partners, [Some(2), None, Some(0), None, None, None]);
            assert!(found.iter().enumerate().all(|(place, it)| it.0 == place));
            assert!(runs.iter().all(|&times| times == 1), "{runs:?}");
        }
    }

    #[test]
    fn a_case_that_was_run_for_its_partner_is_known_to_have_been() {
        let cases = [case("a", Lane::REFERENCE, 10), case("a", Lane::NATIVE, 10)];
        let cases: Vec<&Case> = cases.iter().collect();
        for asks in [false, true] {
            let pairs = Pairs::of(&cases);
            assert!(!pairs.has_run(0) && !pairs.has_run(1));
            pairs.turn(0, |place| place, |_, partner| asks.then(partner));
            assert!(pairs.has_run(0));
            assert_eq!(pairs.has_run(1), asks);
        }
    }
}
