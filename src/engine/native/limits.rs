//! What ends a program from outside.

use std::time::{Duration, Instant};

use wasmtime::ResourceLimiter;

use super::failure::HostFailure;
use super::request::NativeRequest;
use crate::case::{Bytes, Clock};
use crate::clock::thread_time;
use crate::interrupt::Interrupt;

/// What ends a program from outside.
#[derive(Clone)]
pub struct GuestLimits {
    /// What its memory may grow to.
    pub memory: Bytes,
    /// The processor time of its thread at which it must have ended,
    pub time: Duration,
    /// before when that cannot be,
    not_before: Instant,
    /// and when it must have ended whatever it used.
    pub deadline: Instant,
    /// Whether the run was interrupted.
    pub interrupt: Interrupt,
}

impl GuestLimits {
    /// What ends a run that starts now.
    pub fn of(request: &NativeRequest, interrupt: &Interrupt) -> GuestLimits {
        GuestLimits {
            memory: request.budget.memory,
            time: thread_time() + request.budget.time,
            not_before: Instant::now() + request.budget.time,
            deadline: Instant::now() + request.budget.wall,
            interrupt: interrupt.clone(),
        }
    }

    /// The processor time that is left; for the thread that it began on.
    pub fn left(&self) -> Duration {
        self.time.saturating_sub(thread_time())
    }

    /// The same for a thread that goes on with so much left.
    pub fn on_this_thread(&self, left: Duration) -> GuestLimits {
        GuestLimits {
            time: thread_time() + left,
            ..self.clone()
        }
    }

    /// Whether it is time to end.
    pub fn check(&self) -> Result<(), HostFailure> {
        // The clock of a thread costs more than the other, and never goes faster.
        let now = Instant::now();
        if self.interrupt.is_set() {
            Err(HostFailure::Interrupted)
        } else if now >= self.not_before && thread_time() >= self.time {
            Err(HostFailure::OverTime(Clock::Processor))
        } else if now >= self.deadline {
            Err(HostFailure::OverTime(Clock::Wall))
        } else {
            Ok(())
        }
    }
}

impl ResourceLimiter for GuestLimits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let desired = Bytes(desired as u64);
        if desired > self.memory {
            // An error and not a refusal: Vera's allocator would call a refusal
            // an exhausted heap, and the budget is ours.
            return Err(HostFailure::OverMemory(desired).into());
        }
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;

    fn limits(time: Duration, wall: Duration) -> GuestLimits {
        GuestLimits {
            memory: Bytes(0),
            time: thread_time() + time,
            not_before: Instant::now() + time,
            deadline: Instant::now() + wall,
            interrupt: Interrupt::new(),
        }
    }

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn time_that_others_take_is_nobody_s() {
        let limits = limits(SHORT, LONG);
        sleep(2 * SHORT);
        assert_eq!(limits.check(), Ok(()));
        let end = thread_time() + 2 * SHORT;
        while thread_time() < end {}
        let spent = HostFailure::OverTime(Clock::Processor);
        assert_eq!(limits.check(), Err(spent.clone()));
        // What one thread has used, the next one has not.
        let left = limits.left();
        let next = limits.on_this_thread(left + SHORT);
        assert_eq!((left, next.check()), (Duration::ZERO, Ok(())));
        assert_eq!(limits.on_this_thread(left).check(), Err(spent));
    }

    #[test]
    fn what_waits_without_end_ends_by_the_wall_clock() {
        let limits = limits(LONG, SHORT);
        sleep(2 * SHORT);
        let waited = HostFailure::OverTime(Clock::Wall);
        assert_eq!(limits.check(), Err(waited));
    }
}
