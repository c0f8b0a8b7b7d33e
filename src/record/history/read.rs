//! What the history tells: its runs, a scenario over time, and the counts that a
//! new run is held against.

mod base;
mod choice;
mod entries;
mod error;
mod failed;
mod listing;
mod past;
mod runs;

pub use choice::RunChoice;
pub use entries::{Entry, Sighting};
pub use error::HistoryError;
pub use listing::Listing;
pub use past::Past;
pub use runs::PastRun;
