//! The kinds of runs.

/// What kind of run it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Cases at one n each.
    Run,
    /// Climbs.
    Climb,
    /// Cases of one of several toolchains.
    Compare,
    /// Cases of one toolchain on the way to the first that differs.
    Bisect,
}

impl RunKind {
    /// The word that is recorded and shown.
    pub fn name(self) -> &'static str {
        match self {
            RunKind::Run => "run",
            RunKind::Climb => "climb",
            RunKind::Compare => "compare",
            RunKind::Bisect => "bisect",
        }
    }
}
