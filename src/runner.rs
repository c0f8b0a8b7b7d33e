//! Cases over cores, within budgets, until done or interrupted.

mod batch;
mod elsewhere;
mod examined;
mod examiner;
mod growth;
mod not_run;
mod peers;
mod pool;
mod scripts;
mod tight;
mod twins;

pub use batch::{BatchLimits, Observer, longest_first, run_all};
pub use examined::{Examined, Result, verdict};
pub use examiner::Examiner;
pub use not_run::NotRun;
pub use pool::{examine_all, in_parallel, side_by_side};
pub use scripts::{Fixture, Scripts};
pub use twins::{SMALL, Twin};
