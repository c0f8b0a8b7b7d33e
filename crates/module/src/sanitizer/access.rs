//! The places of a module that touch its memory.

use wasm_encoder::ValType;
use wasmparser::{MemArg, Operator};

use super::shadow::{NO_LOAD, NO_STORE, UNDEFINED};

/// What an access does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// It reads.
    Load,
    /// It writes.
    Store,
}

impl AccessKind {
    /// What it must not find in the shadow.
    pub fn bits(self) -> u8 {
        match self {
            AccessKind::Load => NO_LOAD | UNDEFINED,
            AccessKind::Store => NO_STORE,
        }
    }

    /// What one that copies many bytes must not find: what was not written is not
    /// written where it is copied to either, and found where it is loaded.
    pub fn bulk_bits(self) -> u8 {
        self.bits() & !UNDEFINED
    }
}

pub use AccessKind as Kind;

/// What [`super::rewrite::RANGE`] is told of what stores, and copies nothing.
pub const FILLS: i32 = 2;

/// A place in the module that is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The function, by its index in the module as it came.
    pub function: u32,
    /// Which of the function's instructions that touch memory it is, from 0.
    pub ordinal: u32,
    /// What it does.
    pub kind: AccessKind,
    /// How many bytes it touches; `None` where that is known only as it runs.
    pub width: Option<u32>,
    /// What is added to its address.
    pub offset: u64,
}

/// What an instruction does to memory, by how it takes its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// It takes an address.
    Load { width: u32, offset: u64 },
    /// It takes an address and a vector, one lane of which it loads.
    LoadLane { width: u32, offset: u64 },
    /// It takes an address and a value.
    Store {
        width: u32,
        offset: u64,
        value: ValType,
    },
    /// `memory.copy`: to, from, length.
    Copy,
    /// `memory.fill` and `memory.init`: to, something, length.
    Fill,
    /// `memory.grow`: pages.
    Grow,
}

/// Whether an instruction touches memory.
pub fn touches(operator: &Operator<'_>) -> bool {
    touch(operator).is_some()
}

/// What an instruction does to memory; `None` where it touches none.
pub(super) fn touch(operator: &Operator<'_>) -> Option<Touch> {
    let load = |width, memarg: &MemArg| Touch::Load {
        width,
        offset: memarg.offset,
    };
    let lane = |width, memarg: &MemArg| Touch::LoadLane {
        width,
        offset: memarg.offset,
    };
    let store = |width, memarg: &MemArg, value| Touch::Store {
        width,
        offset: memarg.offset,
        value,
    };
    use Operator as O;
    use ValType as V;
    Some(match operator {
        O::I32Load8S { memarg } | O::I32Load8U { memarg } => load(1, memarg),
        O::I64Load8S { memarg } | O::I64Load8U { memarg } => load(1, memarg),
        O::I32Load16S { memarg } | O::I32Load16U { memarg } => load(2, memarg),
        O::I64Load16S { memarg } | O::I64Load16U { memarg } => load(2, memarg),
        O::I32Load { memarg } | O::F32Load { memarg } => load(4, memarg),
        O::I64Load32S { memarg } | O::I64Load32U { memarg } => load(4, memarg),
        O::I64Load { memarg } | O::F64Load { memarg } => load(8, memarg),
        O::V128Load { memarg } => load(16, memarg),
        O::V128Load8x8S { memarg } | O::V128Load8x8U { memarg } => load(8, memarg),
        O::V128Load16x4S { memarg } | O::V128Load16x4U { memarg } => load(8, memarg),
        O::V128Load32x2S { memarg } | O::V128Load32x2U { memarg } => load(8, memarg),
        O::V128Load8Splat { memarg } => load(1, memarg),
        O::V128Load16Splat { memarg } => load(2, memarg),
        O::V128Load32Splat { memarg } | O::V128Load32Zero { memarg } => load(4, memarg),
        O::V128Load64Splat { memarg } | O::V128Load64Zero { memarg } => load(8, memarg),
        O::V128Load8Lane { memarg, .. } => lane(1, memarg),
        O::V128Load16Lane { memarg, .. } => lane(2, memarg),
        O::V128Load32Lane { memarg, .. } => lane(4, memarg),
        O::V128Load64Lane { memarg, .. } => lane(8, memarg),
        O::I32Store8 { memarg } => store(1, memarg, V::I32),
        O::I64Store8 { memarg } => store(1, memarg, V::I64),
        O::I32Store16 { memarg } => store(2, memarg, V::I32),
        O::I64Store16 { memarg } => store(2, memarg, V::I64),
        O::I32Store { memarg } => store(4, memarg, V::I32),
        O::I64Store32 { memarg } => store(4, memarg, V::I64),
        O::F32Store { memarg } => store(4, memarg, V::F32),
        O::I64Store { memarg } => store(8, memarg, V::I64),
        O::F64Store { memarg } => store(8, memarg, V::F64),
        O::V128Store { memarg } => store(16, memarg, V::V128),
        O::V128Store8Lane { memarg, .. } => store(1, memarg, V::V128),
        O::V128Store16Lane { memarg, .. } => store(2, memarg, V::V128),
        O::V128Store32Lane { memarg, .. } => store(4, memarg, V::V128),
        O::V128Store64Lane { memarg, .. } => store(8, memarg, V::V128),
        O::MemoryCopy { .. } => Touch::Copy,
        O::MemoryFill { .. } | O::MemoryInit { .. } => Touch::Fill,
        O::MemoryGrow { .. } => Touch::Grow,
        _ => return None,
    })
}
