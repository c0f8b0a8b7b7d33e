//! What is known of a compiled program beside its module.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::case::{Arguments, Problem, Scale};

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
    pub fn arguments(&self, n: Scale, arguments: &Arguments) -> Result<Vec<String>, Problem> {
        if !self.exports.iter().any(|name| name == "main") {
            return Err(Problem::new("it has no public function `main`"));
        }
        match (self.parameters.as_slice(), arguments) {
            ([], Arguments::Scale) => Err(Problem::new(
                "`main` takes no parameter, so n cannot reach it; write `public fn main(@Nat -> ...)`",
            )),
            ([], Arguments::Nothing) => Ok(Vec::new()),
            ([one], Arguments::Scale | Arguments::Nothing) if one == "i64" => {
                Ok(vec![n.to_string()])
            }
            ([_], Arguments::Scale | Arguments::Nothing) => Err(Problem::new(
                "the parameter of `main` is neither Nat nor Int",
            )),
            (more, Arguments::Scale | Arguments::Nothing) => Err(Problem::new(format!(
                "`main` takes {} parameters; it must take one, the scale",
                more.len()
            ))),
            (parameters, Arguments::These(given)) => {
                if parameters.len() != given.len() {
                    return Err(Problem::new(format!(
                        "`main` takes {} parameters, and {} are given",
                        parameters.len(),
                        given.len()
                    )));
                }
                let pairs = parameters.iter().zip(given);
                let wrong = pairs.filter(|(kind, text)| word(kind, text).is_none());
                match wrong.map(|(kind, text)| unfit(kind, text)).next() {
                    Some(why) => Err(why),
                    None => Ok(given.clone()),
                }
            }
        }
    }
}

/// What is passed for a parameter of `main`.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// An `Int` or `Nat`.
    Wide(i64),
    /// A `Float64`.
    Float(f64),
    /// A `Bool` or `Byte`.
    Narrow(i32),
    /// A `String`.
    Text(String),
}

/// What is passed to a parameter of this WebAssembly type for what somebody typed,
/// as `vera run` reads it; `None` where it is nothing of that kind.
pub fn word(kind: &str, typed: &str) -> Option<Word> {
    match kind {
        "i64" => typed.parse().ok().map(Word::Wide),
        "f64" => typed.parse().ok().map(Word::Float),
        "i32" => match typed.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(Word::Narrow(1)),
            "false" | "no" | "0" => Some(Word::Narrow(0)),
            other => other.parse::<u8>().ok().map(|it| Word::Narrow(it.into())),
        },
        "i32_pair" => Some(Word::Text(typed.to_owned())),
        _ => None,
    }
}

fn unfit(kind: &str, typed: &str) -> Problem {
    let wanted = match kind {
        "i64" => "a whole number",
        "f64" => "a number",
        "i32" => "true, false, or a number from 0 to 255",
        _ => "of a type that can be typed",
    };
    Problem::new(format!(
        "`{typed}` is given for a parameter of `main` that must be {wanted}"
    ))
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
            about(&["main"], &["i64"]).arguments(n, &Arguments::Scale),
            Ok(vec!["7".to_owned()])
        );
        assert_eq!(
            about(&["main"], &[]).arguments(n, &Arguments::Nothing),
            Ok(vec![])
        );
        for (wrong, says) in [
            (about(&["main"], &[]), "takes no parameter"),
            (about(&["other"], &["i64"]), "no public function `main`"),
            (about(&["main"], &["i32_pair"]), "neither Nat nor Int"),
            (about(&["main"], &["i64", "i64"]), "takes 2 parameters"),
        ] {
            let why = wrong
                .arguments(n, &Arguments::Scale)
                .unwrap_err()
                .to_string();
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn what_is_typed_is_read_as_vera_run_reads_it() {
        for (kind, typed, passed) in [
            ("i64", "-7", Some(Word::Wide(-7))),
            ("i64", "7.5", None),
            ("f64", "1e3", Some(Word::Float(1000.0))),
            ("i32", "True", Some(Word::Narrow(1))),
            ("i32", "200", Some(Word::Narrow(200))),
            ("i32", "256", None),
            ("i32_pair", "", Some(Word::Text(String::new()))),
        ] {
            assert_eq!(word(kind, typed), passed, "{kind} {typed}");
        }
        let about = About {
            exports: vec!["main".to_owned()],
            parameters: vec!["i64".to_owned(), "i32".to_owned()],
            ..About::default()
        };
        let given = |words: &[&str]| {
            let words = words.iter().map(|&it| it.to_owned()).collect();
            about.arguments(Scale::ONE, &Arguments::These(words))
        };
        assert_eq!(given(&["12", "no"]).unwrap(), ["12", "no"]);
        let why = given(&["12"]).unwrap_err().to_string();
        assert!(why.contains("takes 2 parameters, and 1 are given"), "{why}");
        let why = given(&["12", "maybe"]).unwrap_err().to_string();
        assert!(why.contains("true, false, or a number"), "{why}");
    }
}
