//! How much a person is told.

/// How much a person is told of what is as expected. What is not is told always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Nothing: what is not as expected, and the last line.
    Brief,
    /// The numbers; and every case where there are few.
    #[default]
    Numbers,
    /// Every case.
    Everything,
}

/// How a use is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Showing {
    /// How much of it.
    pub detail: Detail,
    /// What the person types to be shown everything.
    pub everything: &'static str,
    /// The columns of the terminal; `None` where it is none.
    pub width: Option<usize>,
}

impl Showing {
    /// Whether each thing that is as expected has a line of its own, where there
    /// are `things` of them, and `few` make no longer a list than the numbers do.
    pub fn lists(self, things: usize, few: usize) -> bool {
        match self.detail {
            Detail::Brief => false,
            Detail::Numbers => things <= few,
            Detail::Everything => true,
        }
    }
}
