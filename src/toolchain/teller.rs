//! Talking to the user.

/// Tells the user about something that takes a while.
pub type Teller<'a> = &'a (dyn Fn(&str) + Sync);
