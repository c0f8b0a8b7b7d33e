//! The costs of a case: what each was at a point, and what is judged of it.

use crate::case::{Bytes, Instructions, Point};
use crate::scenario::{Cost, Growth, Shape};

impl Cost {
    /// What it was at a point, where that is known.
    pub fn at(self, point: &Point) -> Option<f64> {
        let measures = point.measures.as_ref();
        let probed = point.probed.as_ref();
        let compile = point.compile.as_ref();
        let bytes = |it: Bytes| it.0 as f64;
        match self {
            Cost::Instructions => measures.map(|it| it.instructions.0 as f64),
            Cost::Time => match measures {
                Some(_) => None,
                None => Some(point.run.cpu.as_secs_f64()),
            },
            Cost::HostMemory => point.host.map(|it| bytes(it.memory)),
            Cost::Stores => point.host.map(|it| it.stores as f64),
            Cost::Heap => measures.map(|it| bytes(it.heap)),
            Cost::Allocated => measures.map(|it| bytes(it.allocated)),
            Cost::Collections => measures.map(|it| it.collections as f64),
            Cost::Live => probed.and_then(|it| it.live).map(bytes),
            Cost::Roots => measures.and_then(|it| it.shadow_stack).map(bytes),
            Cost::Handles => probed.map(|it| bytes(it.wrap_table)),
            Cost::Stack => probed.and_then(|it| it.exact_stack).map(bytes),
            Cost::CompileTime => compile.map(|it| it.cpu.as_secs_f64()),
            Cost::CompileMemory => compile.map(|it| bytes(it.peak_memory)),
        }
    }

    /// An amount of it in its unit.
    pub fn told(self, amount: f64) -> String {
        match self {
            Cost::Time | Cost::CompileTime => format!("{amount:.2}s"),
            Cost::Heap | Cost::HostMemory | Cost::CompileMemory => Bytes(amount as u64).to_string(),
            _ => Instructions(amount as u64).to_string(),
        }
    }

    /// How it is declared to grow; `None` where nothing is declared, so that
    /// nothing can be too much.
    pub fn declared(self, growth: &Growth) -> Option<Shape> {
        match self {
            // What has a fixed size must not grow unless it is said to.
            Cost::Roots | Cost::Handles | Cost::Stack | Cost::Stores => {
                let constant = (!growth.is_free).then_some(Shape::CONSTANT);
                growth.of(self).or(constant)
            }
            _ => growth.of(self),
        }
    }

    /// The size of the resource, where it has a fixed one.
    pub(super) fn room(self, point: &Point) -> Option<f64> {
        let room = match self {
            Cost::Roots => point.measures.as_ref()?.shadow_room,
            Cost::Handles => point.probed?.wrap_room,
            Cost::Stack => Some(point.probed?.stack_room),
            _ => None,
        };
        room.map(|it| it.0 as f64)
    }

    /// What the resource is called in a sentence.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Cost::Roots => "the shadow stack",
            Cost::Handles => "the table of host handles",
            Cost::Stack => "the WebAssembly stack",
            other => other.name(),
        }
    }

    /// By how much an exponent may lie above the declared one. The counts are
    /// exact, and yet a power is not all there is to a cost: a heap grows in
    /// steps.
    pub(super) fn tolerance(self) -> f64 {
        match self {
            Cost::Heap => 0.2,
            _ => 0.15,
        }
    }

    /// What the cost must be at least before its growth is judged: below that it
    /// is what every program has.
    pub(super) fn floor(self) -> f64 {
        match self {
            Cost::Heap => 256.0 * 1024.0,
            // In seconds, above that of the smallest n.
            Cost::Time | Cost::CompileTime => 0.1,
            Cost::CompileMemory => 16.0 * 1024.0 * 1024.0,
            Cost::HostMemory => 64.0 * 1024.0 * 1024.0,
            // Twice what the table of handles holds: so many may be garbage.
            Cost::Stores => 8_192.0,
            _ => 0.0,
        }
    }

    /// The points of this cost, in the order of n. A process has a cost of its
    /// own whatever it compiles or runs, which is not what grows.
    pub(super) fn points(self, points: &[Point]) -> Vec<(f64, f64)> {
        let all = points
            .iter()
            .filter_map(|point| Some((point.n.get() as f64, self.at(point)?)));
        let all: Vec<(f64, f64)> = all.collect();
        if !self.is_of_machine() || self == Cost::HostMemory {
            return all;
        }
        let least = all.iter().map(|(_, cost)| *cost).fold(f64::MAX, f64::min);
        all.into_iter()
            .map(|(n, cost)| (n, cost - least))
            .filter(|(_, cost)| *cost > 0.2 * least)
            .collect()
    }
}
