//! All that is known of Vera's runtime in a compiled module, of releases 0.1.5 to
//! 0.2.5: what its functions, globals and exports are called, how it lays out its
//! heap, and by which code it is recognised.
//!
//! From low to high the memory of a module has its string literals, the shadow
//! stack, the collector's worklist, a wrap table where there are values that the
//! host keeps, and the heap. Whoever rewrites a module, or reads its memory, asks
//! here.

mod layout;
mod names;
mod parts;
pub(crate) mod passages;
mod pattern;
mod regions;
mod shadow_stack;

pub use layout::{
    BlockHeader, DECIMAL_KIND, GRANULE, HEADER_BYTES, HeapBounds, ROOT_BYTES, WRAP_ENTRY_BYTES,
    block_bytes, collection_room, word,
};
pub(crate) use names::COLLECTOR_PREFIX;
pub(crate) use names::exports_allocator;
pub use names::{ExportStyle, MEMORY, RuntimeFunction, RuntimeGlobal, declared, is_helper};
pub(crate) use parts::VeraRuntime;
pub(crate) use pattern::{Locals, Pattern, shown_as};
pub(crate) use regions::Regions;
pub(crate) use shadow_stack::ShadowStack;
