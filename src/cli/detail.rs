//! How much a command shows.

use clap::Args;

use crate::report::terminal::Detail;

/// What is typed to be shown everything.
pub const EVERYTHING: &str = "-v";

#[derive(Args, Clone, Copy, Debug, Default, PartialEq)]
pub struct DetailArgs {
    /// Show every case, and not only what is not as expected
    #[arg(short, long)]
    verbose: bool,
    /// Show only what is not as expected, and the last line
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
}

impl DetailArgs {
    /// How much is to be shown.
    pub fn detail(self) -> Detail {
        match self {
            DetailArgs { verbose: true, .. } => Detail::Everything,
            DetailArgs { quiet: true, .. } => Detail::Brief,
            DetailArgs { .. } => Detail::Numbers,
        }
    }

    /// Whether anything was said of it.
    pub fn is_given(self) -> bool {
        self != DetailArgs::default()
    }
}
