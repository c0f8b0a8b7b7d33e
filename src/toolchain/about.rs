//! What is known of a compiled program beside its module.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::case::{Problem, Scale};

/// What the compiler said of a program: all that running it needs, so that an
/// engine of ours has no need of Vera.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct About {
    /// The functions that the module exports.
    pub exports: Vec<String>,
    /// The WebAssembly types of `main`'s parameters, as Vera writes them.
    pub parameters: Vec<String>,
    /// Whether `main` returns a `String`.
    pub returns_text: bool,
    /// Where each function of the program stands, by its name in the module.
    pub functions: BTreeMap<String, SourcePlace>,
    /// The functions of Vera's prelude, which stand in no file.
    pub builtin: BTreeSet<String>,
    /// What to show instead of a function's name in the module, where the two
    /// differ.
    pub display: BTreeMap<String, String>,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SourcePlace {
    /// The file's name, without its folder.
    pub file: String,
    /// The first line of what stands there.
    pub line: u32,
}

impl About {
    /// The arguments of `main` at scale `n`, or why it cannot be called.
    pub fn arguments(&self, n: Scale, takes_scale: bool) -> Result<Vec<String>, Problem> {
        if !self.exports.iter().any(|name| name == "main") {
            return Err(Problem::new("it has no public function `main`"));
        }
        match self.parameters.as_slice() {
            [] if takes_scale => Err(Problem::new(
                "`main` takes no parameter, so n cannot reach it; write `public fn main(@Nat -> ...)`",
            )),
            [] => Ok(Vec::new()),
            [one] if one == "i64" => Ok(vec![n.to_string()]),
            [_] => Err(Problem::new(
                "the parameter of `main` is neither Nat nor Int",
            )),
            more => Err(Problem::new(format!(
                "`main` takes {} parameters; it must take one, the scale",
                more.len()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_must_take_the_scale_and_nothing_else() {
        let about = |exports: &[&str], parameters: &[&str]| About {
            exports: exports.iter().map(|&name| name.to_owned()).collect(),
            parameters: parameters.iter().map(|&kind| kind.to_owned()).collect(),
            ..About::default()
        };
        let n = Scale::new(7).unwrap();
        assert_eq!(
            about(&["main"], &["i64"]).arguments(n, true),
            Ok(vec!["7".to_owned()])
        );
        assert_eq!(about(&["main"], &[]).arguments(n, false), Ok(vec![]));
        for (wrong, says) in [
            (about(&["main"], &[]), "takes no parameter"),
            (about(&["other"], &["i64"]), "no public function `main`"),
            (about(&["main"], &["i32_pair"]), "neither Nat nor Int"),
            (about(&["main"], &["i64", "i64"]), "takes 2 parameters"),
        ] {
            let why = wrong.arguments(n, true).unwrap_err().to_string();
            assert!(why.contains(says), "{why}");
        }
    }
}
