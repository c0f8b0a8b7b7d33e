//! What a use leaves behind: one stream of events, of which the reports are views
//! and which the history keeps.

pub mod again;
pub mod against;
pub mod bisect;
mod case;
mod cause;
pub mod climb;
pub mod compare;
mod conclusion;
pub mod coverage;
mod event;
mod evidence;
pub mod failure;
mod failure_files;
mod format;
pub mod fuzz;
mod gathering;
pub mod guards;
pub mod history;
mod home;
pub mod known;
pub mod merge;
pub mod read;
mod recording;
pub mod reduce;
mod replay;
mod run;
mod sink;
mod summary;
mod unloaded;
mod words;

pub use case::{CaseRecord, OtherFailure, SmallestRecord};
pub use cause::{Cause, causes, told_by};
pub use conclusion::Conclusion;
pub use event::{Event, VersionEvent};
pub use evidence::{Evidence, Excerpt};
pub use format::{Format, UnknownFormat};
pub use gathering::{ClimbReport, Gathering, Report, RunReport};
pub use recording::Recording;
pub use replay::replay;
pub use run::{Planned, RunInfo, shown};
pub use sink::{Occurrence, Recorded, Sink, Sinks};
pub use summary::{Faults, Listed, Summary};
pub use unloaded::Unloaded;
pub use words::count;
