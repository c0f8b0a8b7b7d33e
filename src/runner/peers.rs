//! Planned cases that must come to the same result: the same on both engines, or in
//! all lanes of a scenario that expects agreement.
//!
//! What a case did can be wanted twice: at its own turn, and by a peer. Whoever comes
//! first runs it and the other takes what is there, so each case is run once, and no
//! verdict depends on which turn came first.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::case::Case;
use crate::scenario::Scenario;

/// What the cases of a run did, as long as a peer may want to know.
pub struct Peers<T> {
    /// The place of each case that has a peer.
    seats: HashMap<usize, Seat>,
    /// Emptied once all cases of a group have been judged: outcomes can be big.
    groups: Vec<Mutex<Option<Arc<Group<T>>>>>,
}

#[derive(Clone, Copy)]
struct Seat {
    group: usize,
    side: usize,
}

struct Group<T> {
    sides: Vec<Side>,
    did: Vec<OnceLock<T>>,
    judged: AtomicUsize,
}

/// One case of a group.
struct Side {
    /// Its place among all cases.
    case: usize,
    /// Whom it is held against: the first of these that came to a result.
    against: Vec<usize>,
    /// The one that must have been run before, to say whether this one is worth it.
    before: Option<usize>,
}

/// How a case is run that is known by its place, where this is what the one before it
/// did.
pub type Run<'r, T> = &'r dyn Fn(usize, Option<&T>) -> T;

/// Asks for the first peer of a case that came to something that is accepted: its
/// place, and what it did.
pub type Ask<'a, T> = &'a dyn Fn(&dyn Fn(usize, &T) -> bool) -> Option<(usize, T)>;

impl<T: Clone> Peers<T> {
    /// Of cases that are known by their place in `cases`.
    pub fn of(cases: &[(&Scenario, Case)]) -> Peers<T> {
        let agrees = |place: &usize| cases[*place].0.oracle.agreement.is_some();
        let (agreeing, paired): (Vec<usize>, Vec<usize>) = (0..cases.len()).partition(agrees);
        let paired: Vec<(usize, &Case)> = paired.iter().map(|&it| (it, &cases[it].1)).collect();
        let mut all = pairs(&paired);
        let mut of_scenario: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for place in agreeing {
            let name = cases[place].1.scenario.as_str();
            of_scenario.entry(name).or_default().push(place);
        }
        all.extend(of_scenario.values().map(|places| agreement(cases, places)));
        let mut seats = HashMap::new();
        for (group, sides) in all.iter().enumerate() {
            for (side, it) in sides.iter().enumerate() {
                seats.insert(it.case, Seat { group, side });
            }
        }
        let group = |sides: Vec<Side>| {
            Mutex::new(Some(Arc::new(Group {
                did: sides.iter().map(|_| OnceLock::new()).collect(),
                sides,
                judged: AtomicUsize::new(0),
            })))
        };
        Peers {
            seats,
            groups: all.into_iter().map(group).collect(),
        }
    }

    /// Whether a case was run already, for a peer.
    pub fn has_run(&self, case: usize) -> bool {
        let seat = self.seats.get(&case);
        seat.and_then(|&seat| Some(self.group(seat)?.did[seat.side].get().is_some()))
            .unwrap_or(false)
    }

    /// The turn of a case: has it run, and judged with a way to what its peers did.
    ///
    /// `run` must not come back here. Asking for a peer waits at most for the end of
    /// runs at smaller n, which themselves wait for nobody.
    pub fn turn<R>(
        &self,
        case: usize,
        run: Run<'_, T>,
        judge: impl FnOnce(T, Ask<'_, T>) -> R,
    ) -> R {
        let seated = self
            .seats
            .get(&case)
            .and_then(|&seat| Some((seat.side, self.group(seat)?)));
        let Some((side, group)) = seated else {
            return judge(run(case, None), &|_| None);
        };
        let first = |accepted: &dyn Fn(usize, &T) -> bool| {
            let against = group.sides[side].against.iter();
            let mut did = against.map(|&it| (group.sides[it].case, group.did(it, run)));
            did.find(|(case, it)| accepted(*case, it))
        };
        let judged = judge(group.did(side, run), &first);
        if group.judged.fetch_add(1, Ordering::Relaxed) + 1 == group.sides.len() {
            self.forget(case);
        }
        judged
    }

    fn group(&self, seat: Seat) -> Option<Arc<Group<T>>> {
        self.groups[seat.group]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn forget(&self, case: usize) {
        if let Some(seat) = self.seats.get(&case) {
            *self.groups[seat.group]
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl<T: Clone> Group<T> {
    /// What one of them did, or does now.
    fn did(&self, side: usize, run: Run<'_, T>) -> T {
        let make = || {
            let Side { case, before, .. } = &self.sides[side];
            let before = before.map(|it| self.did(it, run));
            run(*case, before.as_ref())
        };
        self.did[side].get_or_init(make).clone()
    }
}

/// The same cases on the two engines.
fn pairs(cases: &[(usize, &Case)]) -> Vec<Vec<Side>> {
    let places: HashMap<&Case, usize> = cases.iter().map(|(place, case)| (*case, *place)).collect();
    let pair = |(place, case): &(usize, &Case)| {
        let partner = Case {
            lane: case.lane.partner()?,
            ..(*case).clone()
        };
        let other = places.get(&partner).filter(|other| *other > place)?;
        let side = |(at, case): (usize, usize)| Side {
            case,
            against: vec![1 - at],
            before: None,
        };
        Some([*place, *other].into_iter().enumerate().map(side).collect())
    };
    cases.iter().filter_map(pair).collect()
}

/// All cases of a scenario whose lanes must agree: each is held against those before it
/// at the same n, and on a ladder comes after the next lower rung of its lane.
fn agreement(cases: &[(&Scenario, Case)], places: &[usize]) -> Vec<Side> {
    let case = |side: usize| &cases[places[side]].1;
    let side = |(at, &place): (usize, &usize)| {
        let own = case(at);
        let rung = |it: &usize| case(*it).lane == own.lane && case(*it).scale < own.scale;
        let before = (0..places.len())
            .filter(rung)
            .max_by_key(|it| case(*it).scale);
        Side {
            case: place,
            against: (0..at).filter(|it| case(*it).scale == own.scale).collect(),
            before: before.filter(|_| !cases[place].0.ladder().is_empty()),
        }
    };
    places.iter().enumerate().map(side).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Lane, Scale};
    use crate::runner::pool::in_parallel;
    use crate::scenario::catalogue::Catalogue;
    use crate::scenario::{Agreement, StandIn};

    fn case(name: &str, lane: Lane, n: u64) -> Case {
        Case {
            scenario: name.to_owned(),
            lane,
            scale: Scale::new(n).unwrap(),
        }
    }

    /// What a turn found: what the case did, and its peer where it was asked.
    type Found = (usize, Option<usize>);

    /// A scenario, which may expect agreement, at all of these n.
    fn scenario(ladder: Option<&[u64]>) -> Scenario {
        let mut catalogue = Catalogue::load(&[] as &[&str]);
        let mut any = catalogue.scenarios.swap_remove(0);
        any.oracle.agreement = ladder.map(|_| Agreement { value: true });
        let rungs = ladder.unwrap_or_default().iter();
        any.stand_in = Some(StandIn {
            says: Vec::new(),
            ladder: rungs.filter_map(|&n| Scale::new(n)).collect(),
            names_files: false,
            options: Vec::new(),
        });
        any
    }

    /// Every case is asked for its peer; the counts are of runs.
    fn all(
        of: &Scenario,
        cases: &[Case],
        jobs: usize,
        backwards: bool,
    ) -> (Vec<Found>, Vec<usize>) {
        let cases: Vec<(&Scenario, Case)> = cases.iter().map(|it| (of, it.clone())).collect();
        let pairs = Peers::of(&cases);
        let runs: Vec<AtomicUsize> = cases.iter().map(|_| AtomicUsize::new(0)).collect();
        let run = |place: usize, before: Option<&usize>| {
            let below = |it: &usize| cases[*it].1.scale < cases[place].1.scale;
            assert!(before.is_none_or(below), "a lower rung comes before");
            runs[place].fetch_add(1, Ordering::Relaxed);
            place
        };
        let mut order: Vec<usize> = (0..cases.len()).collect();
        if backwards {
            order.reverse();
        }
        let mut found = in_parallel(jobs, &order, |place| {
            pairs.turn(place, &run, |did, ask| {
                (did, ask(&|_, _| true).map(|(_, it)| it))
            })
        });
        found.sort_by_key(|(place, _)| *place);
        assert!(
            pairs
                .groups
                .iter()
                .all(|group| group.lock().unwrap().is_none()),
            "what all peers have seen is kept by nobody"
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
            let (found, runs) = all(&scenario(None), &cases, jobs, backwards);
            let partners: Vec<Option<usize>> = found.iter().map(|it| it.1).collect();
            assert_eq!(partners, [Some(2), None, Some(0), None, None, None]);
            assert!(found.iter().enumerate().all(|(place, it)| it.0 == place));
            assert!(runs.iter().all(|&times| times == 1), "{runs:?}");
        }
    }

    #[test]
    fn a_case_that_was_run_for_its_partner_is_known_to_have_been() {
        let cases = [case("a", Lane::REFERENCE, 10), case("a", Lane::NATIVE, 10)];
        let of = scenario(None);
        let cases: Vec<(&Scenario, Case)> = cases.iter().map(|it| (&of, it.clone())).collect();
        for asks in [false, true] {
            let pairs = Peers::of(&cases);
            assert!(!pairs.has_run(0) && !pairs.has_run(1));
            pairs.turn(0, &|place, _| place, |_, ask| {
                asks.then(|| ask(&|_, _| true))
            });
            assert!(pairs.has_run(0));
            assert_eq!(pairs.has_run(1), asks);
        }
    }

    #[test]
    fn lanes_that_must_agree_are_held_against_the_first_at_the_same_n() {
        let lanes = [Lane::REFERENCE, Lane::REFERENCE_EAGER, Lane::NATIVE];
        let cases: Vec<Case> = lanes
            .iter()
            .flat_map(|lane| [case("a", *lane, 1), case("a", *lane, 10)])
            .collect();
        let of = scenario(Some(&[1, 10]));
        for (jobs, backwards) in [(1, false), (1, true), (8, true)] {
            let (found, runs) = all(&of, &cases, jobs, backwards);
            let peers: Vec<Option<usize>> = found.iter().map(|it| it.1).collect();
            assert_eq!(peers, [None, None, Some(0), Some(1), Some(0), Some(1)]);
            assert!(runs.iter().all(|&times| times == 1), "{runs:?}");
        }
    }
}
