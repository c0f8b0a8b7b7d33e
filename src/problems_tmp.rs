use crate::case::Problem;
impl From<crate::toolchain::ToolchainError> for Problem {
    fn from(w: crate::toolchain::ToolchainError) -> Problem {
        Problem::new(w.to_string())
    }
}
impl From<&crate::toolchain::compile::Stop> for Problem {
    fn from(w: &crate::toolchain::compile::Stop) -> Problem {
        Problem::new(w.to_string())
    }
}
impl From<crate::plan::NoMatch> for Problem {
    fn from(w: crate::plan::NoMatch) -> Problem {
        Problem::new(w.to_string())
    }
}
impl From<crate::record::read::ReadError> for Problem {
    fn from(w: crate::record::read::ReadError) -> Problem {
        Problem::new(w.to_string())
    }
}
impl From<crate::record::merge::MergeError> for Problem {
    fn from(w: crate::record::merge::MergeError) -> Problem {
        Problem::new(w.to_string())
    }
}
