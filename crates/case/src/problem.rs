//! What went wrong, and what to do about it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What went wrong, and what to do about it: two texts, which are put together in
/// one place, [`Problem`]'s `Display`.
///
/// Every error of the library either is one or becomes one; nobody looks for the
/// advice in a text that holds both.
#[derive(Clone, Debug)]
pub struct Problem {
    what: String,
    next: Option<String>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// What was being done, to what, and what went wrong.
    pub fn new(what: impl Into<String>) -> Problem {
        Problem {
            what: what.into(),
            next: None,
            source: None,
        }
    }

    /// With what to do next.
    #[must_use]
    pub fn next(self, next: impl Into<String>) -> Problem {
        Problem {
            next: Some(next.into()),
            ..self
        }
    }

    /// With the error beneath it, whose text is no part of this one's.
    #[must_use]
    pub fn because(self, source: impl Error + Send + Sync + 'static) -> Problem {
        Problem {
            source: Some(Arc::new(source)),
            ..self
        }
    }

    /// What went wrong.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do next, where somebody knows.
    pub fn advice(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.next {
            Some(next) => write!(f, "\n     next: {next}"),
            None => Ok(()),
        }
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// Two problems are the same where they say the same.
impl PartialEq for Problem {
    fn eq(&self, other: &Problem) -> bool {
        (&self.what, &self.next) == (&other.what, &other.next)
    }
}

impl Eq for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_and_next_are_put_together_once() {
        let plain = Problem::new("it broke");
        assert_eq!(
            (plain.to_string(), plain.advice()),
            ("it broke".to_owned(), None)
        );
        let advised = plain.next("mend it");
        assert_eq!(advised.to_string(), "it broke\n     next: mend it");
        assert_eq!(
            (advised.what(), advised.advice()),
            ("it broke", Some("mend it"))
        );
    }

    #[test]
    fn the_error_beneath_is_its_source() {
        let beneath = std::io::Error::other("disk");
        let problem = Problem::new("it cannot be written").because(beneath);
        assert_eq!(problem.to_string(), "it cannot be written");
        assert_eq!(problem.source().unwrap().to_string(), "disk");
        assert_eq!(problem, Problem::new("it cannot be written"));
    }
}
