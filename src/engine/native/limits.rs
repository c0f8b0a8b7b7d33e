//! What ends a program from outside.

use std::time::{Duration, Instant};

use wasmtime::ResourceLimiter;

use super::failure::HostFailure;
use super::request::NativeRequest;
use crate::case::Bytes;
use crate::interrupt::Interrupt;

/// What ends a program from outside.
#[derive(Clone)]
pub struct GuestLimits {
    /// What its memory may grow to.
    pub memory: Bytes,
    /// When it must have ended.
    pub deadline: Instant,
    /// Whether the run was interrupted.
    pub interrupt: Interrupt,
}

impl GuestLimits {
    /// What ends a run that starts now.
    pub fn of(request: &NativeRequest, interrupt: &Interrupt) -> GuestLimits {
        GuestLimits {
            memory: request.budget.memory,
            deadline: Instant::now() + request.budget.wall,
            interrupt: interrupt.clone(),
        }
    }

    /// The same with all of the time before it.
    pub fn anew(&self, wall: Duration) -> GuestLimits {
        GuestLimits {
            deadline: Instant::now() + wall,
            ..self.clone()
        }
    }

    /// Whether it is time to end.
    pub fn check(&self) -> Result<(), HostFailure> {
        if self.interrupt.is_set() {
            Err(HostFailure::Interrupted)
        } else if Instant::now() >= self.deadline {
            Err(HostFailure::OverTime)
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
