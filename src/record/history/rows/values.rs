//! Values as SQLite has them.

use serde::Serialize;

/// A count as SQLite has it; none comes near the end of the range.
pub fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A value as text.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("records have string keys only")
}
