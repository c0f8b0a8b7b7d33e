//! Which cases a run consists of.

mod cases;
mod name;
mod names;
mod partition;
mod scale_choice;
mod seed;
mod selection;

pub use cases::plan;
pub use name::{LaneName, Name};
pub use names::{likeness, no_scenario, test_names};
pub use partition::Partition;
pub use scale_choice::ScaleChoice;
pub use seed::seed_of_today;
pub use selection::Selection;
