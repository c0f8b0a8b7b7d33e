//! What a case may use, and until when.

use std::time::{Duration, Instant};

use crate::case::{Budget, Clock, Ending};

/// Longer than any budget may be.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What a case may use, and when it must be done whatever is left of that. A case
/// is several processes and runs, one after the other: each is given what is left
/// when it starts.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// The budget of each of them.
    pub budget: Budget,
    /// When the last of them must have ended.
    pub deadline: Instant,
}

/// A budget with no deadline: one that nobody reaches.
impl From<Budget> for Allowance {
    fn from(budget: Budget) -> Allowance {
        Allowance {
            budget,
            deadline: Instant::now() + NEVER,
        }
    }
}

impl Allowance {
    /// What may be used by something that starts `now`.
    pub fn at(&self, now: Instant) -> Budget {
        let left = self.deadline.saturating_duration_since(now);
        Budget {
            wall: self.budget.wall.min(left),
            ..self.budget
        }
    }

    /// Whether nothing may start any more.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.deadline
    }

    /// Whether it was the deadline that ended something, and not its budget:
    /// nothing is known of it then.
    pub fn cut_short(&self, ending: &Ending) -> bool {
        matches!(ending, Ending::OverTime { limit, clock: Clock::Wall, .. } if *limit < self.budget.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Doing;

    #[test]
    fn whatever_starts_later_has_less_time() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let allowance = Allowance {
            budget: Budget {
                wall: 3 * second,
                ..Budget::default()
            },
            deadline: start + 5 * second,
        };
        let wall = |seconds: u32| allowance.at(start + seconds * second).wall;
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
}
