//! What decides how a use ends.

/// What there is to say of a use that has ended, as far as it decides how the
/// command ends. Where several are true, the first of them counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conclusion {
    /// It was interrupted.
    pub interrupted: bool,
    /// Something is not as it should be, which is what the use is there to tell.
    pub failed: bool,
    /// A toolchain could not be set up, or failed on the way.
    pub toolchain: bool,
    /// A scenario could not be used, or what was asked for makes no sense.
    pub scenario: bool,
    /// Something that was asked for was not done.
    pub incomplete: bool,
    /// Nothing could be told at all.
    pub nothing: bool,
}

impl Conclusion {
    /// Whether there is nothing to say.
    pub fn is_as_expected(self) -> bool {
        self == Conclusion::default()
    }
}
