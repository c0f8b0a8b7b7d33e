//! Words that several texts share.

/// `1 case`, `2 cases`.
pub fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("{number} {what}")
    } else {
        format!("{number} {what}s")
    }
}
