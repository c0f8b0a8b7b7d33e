//! The kinds of runs.

/// What kind of run it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cases at one n each.
    Run,
    /// Climbs.
    Climb,
    /// Cases of one of several toolchains.
    Compare,
    /// Cases of one toolchain on the way to the first that differs.
    Bisect,
}

impl Kind {
    /// The word that is recorded and shown.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Run => "run",
            Kind::Climb => "climb",
            Kind::Compare => "compare",
            Kind::Bisect => "bisect",
        }
    }
}
