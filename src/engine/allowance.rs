//! What a case may use, and until when.

use std::time::{Duration, Instant};

use crate::case::{Budget, Clock, Doing, Ending, Engine};

/// Longer than any budget may be.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What a case may use, and when it must be done whatever is left of that. A case
/// is several processes and runs, one after the other: each is given what is left
/// when it starts.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// The budget of each that compiles.
    pub compiling: Budget,
    /// The budget of each that runs.
    pub running: Budget,
    /// When the last of them must have ended.
    pub deadline: Instant,
}

/// A budget with no deadline: one that nobody reaches.
impl From<Budget> for Allowance {
    fn from(budget: Budget) -> Allowance {
        Allowance::exactly(budget, Instant::now() + NEVER)
    }
}

impl Allowance {
    /// What a case of this engine may use that has such a budget.
    pub fn of(budget: Budget, engine: Engine, deadline: Instant) -> Allowance {
        Allowance {
            running: match engine {
                Engine::Reference => budget,
                Engine::Native => budget.guarding(),
            },
            ..Allowance::exactly(budget, deadline)
        }
    }

    /// The same where its time is what is to be spent, whatever the engine.
    pub fn exactly(budget: Budget, deadline: Instant) -> Allowance {
        Allowance {
            compiling: budget,
            running: budget,
            deadline,
        }
    }

    /// What may be used for this by something that starts `now`.
    pub fn at(&self, doing: Doing, now: Instant) -> Budget {
        let left = self.deadline.saturating_duration_since(now);
        let budget = self.budget(doing);
        Budget {
            wall: budget.wall.min(left),
            ..budget
        }
    }

    fn budget(&self, doing: Doing) -> Budget {
        match doing {
            Doing::Compiling => self.compiling,
            Doing::Running => self.running,
        }
    }

    /// Whether nothing may start any more.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.deadline
    }

    /// Whether it was the deadline that ended something, and not its budget:
    /// nothing is known of it then.
    pub fn cut_short(&self, ending: &Ending) -> bool {
        match ending {
            Ending::OverTime {
                limit,
                clock: Clock::Wall,
                doing,
            } => *limit < self.budget(*doing).wall,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_starts_later_has_less_time() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let budget = Budget {
            wall: 3 * second,
            ..Budget::default()
        };
        let allowance = Allowance::exactly(budget, start + 5 * second);
        let wall = |seconds: u32| allowance.at(Doing::Running, start + seconds * second).wall;
        let walls = [0, 2, 3, 4, 5, 6].map(wall);
        assert_eq!(walls, [3, 3, 2, 1, 0, 0].map(|left| left * second));
        let over = [4, 5, 6].map(|seconds| allowance.is_over(start + seconds * second));
        assert_eq!(over, [false, true, true]);
        let over_time = |limit| Ending::OverTime {
            limit,
            clock: Clock::Wall,
            doing: Doing::Running,
        };
        assert!(!allowance.cut_short(&over_time(wall(2))), "its own budget");
        assert!(allowance.cut_short(&over_time(wall(3))), "the deadline");
        let spent = Ending::OverTime {
            limit: Duration::ZERO,
            clock: Clock::Processor,
            doing: Doing::Running,
        };
        assert!(!allowance.cut_short(&spent), "its processor time");
    }

    #[test]
    fn time_only_guards_what_runs_where_instructions_decide() {
        let start = Instant::now();
        let budget = Budget::default();
        let times = |engine| {
            let allowance = Allowance::of(budget, engine, start + NEVER);
            let time = |doing| allowance.at(doing, start).time.as_secs();
            [time(Doing::Compiling), time(Doing::Running)]
        };
        assert_eq!(times(Engine::Reference), [10, 10]);
        assert_eq!(times(Engine::Native), [10, 100]);
        // The wall clock is as far behind that, however near it stands.
        let near = Budget {
            wall: budget.time,
            ..budget
        };
        assert_eq!(near.guarding(), budget.guarding());
        assert_eq!(budget.guarding().wall.as_secs(), 1_030);
        // A deadline before it cuts short, and compiling has its own.
        let allowance = Allowance::of(budget, Engine::Native, start + Duration::from_secs(500));
        let ended = |doing| {
            let limit = allowance.at(doing, start).wall;
            allowance.cut_short(&Ending::OverTime {
                limit,
                clock: Clock::Wall,
                doing,
            })
        };
        assert!(ended(Doing::Running) && !ended(Doing::Compiling));
    }
}
