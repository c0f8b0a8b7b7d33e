//! Which Vera is meant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::case::Problem;

/// The release that is used where none is named.
pub const DEFAULT_RELEASE: &str = "0.2.5";

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// A release on PyPI, such as `0.2.5`.
    Release(String),
    /// The newest release on PyPI.
    Latest,
    /// A directory that holds the `vera` package.
    Directory(PathBuf),
    /// A Python interpreter that can `import vera`.
    Interpreter(PathBuf),
}

impl FromStr for Spec {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Spec, Problem> {
        if text == "latest" {
            return Ok(Spec::Latest);
        }
        if is_release(text) {
            return Ok(Spec::Release(text.to_owned()));
        }
        let path = Path::new(text);
        if path.is_dir() {
            return Ok(Spec::Directory(path.to_owned()));
        }
        if path.is_file() {
            return Ok(Spec::Interpreter(path.to_owned()));
        }
        Err(Problem::new(format!(
            "`{text}` is no release, and there is no directory or file of that name"
        ))
        .next(format!(
            "write a release such as {DEFAULT_RELEASE}, `latest`, the directory of a Vera checkout, or the path of a Python interpreter that can import vera"
        )))
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spec::Release(release) => f.write_str(release),
            Spec::Latest => f.write_str("latest"),
            Spec::Directory(path) | Spec::Interpreter(path) => path.display().fmt(f),
        }
    }
}

/// Whether `text` looks like a version: it starts with a digit and holds
/// nothing but what versions are made of.
pub fn is_release(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_spec_is_told_apart() {
        assert_eq!("0.2.5".parse(), Ok(Spec::Release("0.2.5".to_owned())));
        assert_eq!("0.3.0rc1".parse(), Ok(Spec::Release("0.3.0rc1".to_owned())));
        assert_eq!("latest".parse(), Ok(Spec::Latest));
        assert_eq!("src".parse(), Ok(Spec::Directory("src".into())));
        assert_eq!(
            "Cargo.toml".parse(),
            Ok(Spec::Interpreter("Cargo.toml".into()))
        );
        let error = "no-such-thing".parse::<Spec>().unwrap_err().to_string();
        assert!(
            error.contains("no directory or file of that name"),
            "{error}"
        );
    }
}
