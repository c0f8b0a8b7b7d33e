//! Which case is next, and who waits for what.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// The cases of a session, known by their place in the list of all of them: in
/// which order they are run, and what came of those that nobody has asked for yet.
pub struct Desk<T> {
    state: Mutex<DeskState<T>>,
    changed: Condvar,
}

struct DeskState<T> {
    /// Whether nothing else may run beside a case.
    is_alone: Vec<bool>,
    stages: Vec<Stage<T>>,
    /// Cases that somebody waits for, in front of all others.
    asked: VecDeque<usize>,
    /// Cases that will be asked for.
    ahead: VecDeque<usize>,
    /// Those of them that run alone: after the others, unless one is asked for.
    alone: VecDeque<usize>,
    waiting: HashMap<usize, Vec<Value>>,
    running: usize,
    alone_runs: bool,
    closed: bool,
}

enum Stage<T> {
    Idle,
    Queued,
    Running,
    Done(T),
}

impl<T> Desk<T> {
    /// For cases of which these run alone.
    pub fn new(is_alone: Vec<bool>) -> Desk<T> {
        Desk {
            state: Mutex::new(DeskState {
                stages: is_alone.iter().map(|_| Stage::Idle).collect(),
                is_alone,
                asked: VecDeque::new(),
                ahead: VecDeque::new(),
                alone: VecDeque::new(),
                waiting: HashMap::new(),
                running: 0,
                alone_runs: false,
                closed: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Has these cases run in this order; gives how many of them were not under
    /// way already.
    pub fn ahead(&self, places: &[usize]) -> usize {
        let mut state = self.lock();
        let mut added = 0;
        for &place in places {
            if let Stage::Idle = state.stages[place] {
                state.stages[place] = Stage::Queued;
                let alone = state.is_alone[place];
                let DeskState {
                    alone: last, ahead, ..
                } = &mut *state;
                if alone { last } else { ahead }.push_back(place);
                added += 1;
            }
        }
        self.changed.notify_all();
        added
    }

    /// What came of a case. Where that is not known yet, it is next, and
    /// [`Desk::done`] gives back the `id`. A case that is asked for once more is run
    /// once more.
    pub fn ask(&self, place: usize, id: &Value) -> Option<T> {
        let mut state = self.lock();
        match state.stages[place] {
            Stage::Done(_) => {
                let done = std::mem::replace(&mut state.stages[place], Stage::Idle);
                return match done {
                    Stage::Done(came) => Some(came),
                    Stage::Idle | Stage::Queued | Stage::Running => None,
                };
            }
            Stage::Idle | Stage::Queued => {
                state.stages[place] = Stage::Queued;
                let DeskState {
                    asked,
                    ahead,
                    alone,
                    ..
                } = &mut *state;
                for queue in [&mut *ahead, alone, asked] {
                    queue.retain(|it| *it != place);
                }
                asked.push_back(place);
            }
            Stage::Running => {}
        }
        state.waiting.entry(place).or_default().push(id.clone());
        self.changed.notify_all();
        None
    }

    /// The next case to run, as soon as there is one that may run now; `None` once
    /// the desk is closed.
    pub fn take(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(place) = state.next() {
                return Some(place);
            }
            state = (self.changed.wait(state)).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A case has ended: gives who waits for it, or keeps what came of it.
    pub fn done(&self, place: usize, came: T) -> Option<(Vec<Value>, T)> {
        let mut state = self.lock();
        state.running -= 1;
        state.alone_runs = false;
        self.changed.notify_all();
        let Some(waiting) = state.waiting.remove(&place) else {
            state.stages[place] = Stage::Done(came);
            return None;
        };
        state.stages[place] = Stage::Idle;
        Some((waiting, came))
    }

    /// Gives out no more cases. Gives those that wait for a case that will not be
    /// run, and how many cases there are of that kind.
    pub fn close(&self) -> (Vec<Value>, usize) {
        let mut state = self.lock();
        state.closed = true;
        self.changed.notify_all();
        let DeskState {
            asked,
            ahead,
            alone,
            ..
        } = &mut *state;
        let left: Vec<usize> = [asked, ahead, alone]
            .into_iter()
            .flat_map(std::mem::take)
            .collect();
        let waiting = left.iter().filter_map(|place| state.waiting.remove(place));
        (waiting.flatten().collect(), left.len())
    }

    fn lock(&self) -> MutexGuard<'_, DeskState<T>> {
        // Each critical section leaves the queues whole, whoever panics in it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> DeskState<T> {
    fn next(&mut self) -> Option<usize> {
        if self.alone_runs {
            return None;
        }
        let queues = [&mut self.asked, &mut self.ahead, &mut self.alone];
        let queue = queues.into_iter().find(|queue| !queue.is_empty())?;
        let place = *queue.front()?;
        let alone = self.is_alone[place];
        // What runs alone waits until the others have ended, and nothing else
        // begins meanwhile.
        if alone && self.running > 0 {
            return None;
        }
        queue.pop_front();
        self.stages[place] = Stage::Running;
        self.running += 1;
        self.alone_runs = alone;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(alone: &[usize], cases: usize) -> Desk<&'static str> {
        Desk::new((0..cases).map(|place| alone.contains(&place)).collect())
    }

    #[test]
    fn cases_go_in_their_order_and_one_that_is_asked_for_is_next() {
        let desk = desk(&[], 4);
        assert_eq!(desk.ahead(&[2, 0, 1, 2]), 3);
        assert_eq!(desk.take(), Some(2));
        assert_eq!(desk.ask(1, &Value::from(7)), None);
        assert_eq!(desk.ask(3, &Value::from(8)), None);
        assert_eq!(
            [desk.take(), desk.take(), desk.take()],
            [Some(1), Some(3), Some(0)]
        );
        assert_eq!(desk.done(1, "one"), Some((vec![Value::from(7)], "one")));
        assert_eq!(desk.done(2, "two"), None);
        assert_eq!(desk.ask(2, &Value::from(9)), Some("two"));
        // It was told once: who asks again wants it run again.
        assert_eq!(desk.ask(2, &Value::from(10)), None);
        assert_eq!(desk.take(), Some(2));
    }

    #[test]
    fn what_runs_alone_waits_for_the_others_and_they_for_it() {
        let desk = desk(&[1], 3);
        desk.ahead(&[0, 1, 2]);
        assert_eq!([desk.take(), desk.take()], [Some(0), Some(2)]);
        assert_eq!(desk.lock().next(), None, "two others run");
        desk.done(0, "");
        assert_eq!(desk.lock().next(), None, "one other runs");
        desk.done(2, "");
        assert_eq!(desk.take(), Some(1));
        assert_eq!(desk.ask(0, &Value::Null), Some(""));
        desk.ask(0, &Value::Null);
        assert_eq!(desk.lock().next(), None, "one runs alone");
        desk.done(1, "");
        assert_eq!(desk.take(), Some(0));
    }

    #[test]
    fn a_closed_desk_tells_whom_it_leaves_waiting() {
        let desk = desk(&[], 3);
        desk.ahead(&[0, 1, 2]);
        desk.ask(1, &Value::from(5));
        assert_eq!(desk.take(), Some(1));
        desk.ask(2, &Value::from(6));
        assert_eq!(desk.close(), (vec![Value::from(6)], 2));
        assert_eq!(desk.take(), None);
        assert_eq!(desk.done(1, "one"), Some((vec![Value::from(5)], "one")));
    }
}
