//! What `main` takes and returns, read from the source.

use std::collections::HashMap;
use std::fmt;

use super::tokens::tokens;

/// What `main` takes and returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its parameters; none for `@Unit`.
    pub parameters: Vec<Kind>,
    /// What it returns.
    pub returns: Kind,
}

/// A type, as far as it matters for giving and showing a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Int`.
    Int,
    /// `Nat`.
    Nat,
    /// `Byte`.
    Byte,
    /// `Bool`.
    Bool,
    /// `Float64`.
    Float,
    /// `String`.
    Text,
    /// `Unit`.
    Unit,
    /// Any other, as it is written.
    Other(String),
}

impl Kind {
    fn of(name: &str) -> Kind {
        match name {
            "Int" => Kind::Int,
            "Nat" => Kind::Nat,
            "Byte" => Kind::Byte,
            "Bool" => Kind::Bool,
            "Float64" => Kind::Float,
            "String" => Kind::Text,
            "Unit" => Kind::Unit,
            other => Kind::Other(other.to_owned()),
        }
    }

    /// Whether `vera run` shows a value of this type, and not an address.
    pub fn is_shown(&self) -> bool {
        !matches!(self, Kind::Other(_))
    }

    /// Whether a value of this type can be given on a command line.
    pub fn can_be_typed(&self) -> bool {
        !matches!(self, Kind::Unit | Kind::Other(_))
    }

    /// Whether this is a value of the type, as it is typed.
    pub fn takes(&self, typed: &str) -> bool {
        match self {
            Kind::Int => typed.parse::<i64>().is_ok(),
            Kind::Nat => typed.parse::<i64>().is_ok_and(|it| it >= 0),
            Kind::Byte => typed.parse::<u8>().is_ok(),
            Kind::Bool => ["true", "false"].contains(&typed),
            Kind::Float => typed.parse::<f64>().is_ok(),
            Kind::Text => true,
            Kind::Unit | Kind::Other(_) => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Int => "Int",
            Kind::Nat => "Nat",
            Kind::Byte => "Byte",
            Kind::Bool => "Bool",
            Kind::Float => "Float64",
            Kind::Text => "String",
            Kind::Unit => "Unit",
            Kind::Other(name) => name,
        })
    }
}

impl Head {
    /// That of a source; `None` where it has no public `main`.
    pub fn of(source: &str) -> Option<Head> {
        let words = tokens(source);
        let is_main =
            |it: &[String]| it[0] == "public" && it[1] == "fn" && it[2] == "main" && it[3] == "(";
        let start = words.windows(4).position(is_main)? + 4;
        let arrow = start + words[start..].iter().position(|it| it == "->")?;
        let end = arrow + closing(&words[arrow..])?;
        let aliases = aliases(&words);
        let kind = |words: &[String]| kind(words, &aliases);
        let mut parameters: Vec<Kind> = parts(&words[start..arrow]).into_iter().map(kind).collect();
        if parameters == [Kind::Unit] {
            parameters.clear();
        }
        Some(Head {
            parameters,
            returns: kind(&words[arrow + 1..end]),
        })
    }
}

/// Where the bracket closes that is open before these words.
fn closing(words: &[String]) -> Option<usize> {
    let mut depth = 1;
    words.iter().position(|word| {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// What stands between the commas that are in no bracket.
fn parts(words: &[String]) -> Vec<&[String]> {
    let mut depth = 0;
    let all = words.split(|word| {
        match word.as_str() {
            "(" | "<" | "{" | "[" => depth += 1,
            ")" | ">" | "}" | "]" => depth -= 1,
            _ => {}
        }
        depth == 0 && word == ","
    });
    all.filter(|it| !it.is_empty()).collect()
}

/// The types that have another name in this source.
fn aliases(words: &[String]) -> HashMap<&str, &[String]> {
    let mut found = HashMap::new();
    for (at, it) in words.windows(3).enumerate() {
        if it[0] == "type" && it[2] == "=" {
            let rest = &words[at + 3..];
            let end = rest.iter().position(|it| it == ";").unwrap_or(rest.len());
            found.insert(it[1].as_str(), &rest[..end]);
        }
    }
    found
}

/// The type that these words say: a refinement is the type that it refines.
fn kind(words: &[String], aliases: &HashMap<&str, &[String]>) -> Kind {
    // Names may stand for one another: then there is no end.
    let mut words = words;
    for _ in 0..2 * aliases.len() + 2 {
        words = match words {
            [at, rest @ ..] if at == "@" => rest,
            [brace, at, rest @ ..] if brace == "{" && at == "@" => {
                let end = rest.iter().position(|it| it == "|").unwrap_or(rest.len());
                &rest[..end]
            }
            [name] => match aliases.get(name.as_str()) {
                Some(meant) => meant,
                None => return Kind::of(name),
            },
            other => return Kind::Other(other.concat()),
        };
        if let [name] = words
            && !aliases.contains_key(name.as_str())
        {
            return Kind::of(name);
        }
    }
    Kind::Other(words.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(source: &str) -> (Vec<String>, String) {
        let Head {
            parameters,
            returns,
        } = Head::of(source).unwrap();
        let parameters = parameters.iter().map(ToString::to_string).collect();
        (parameters, returns.to_string())
    }

    #[test]
    fn what_main_takes_and_returns_is_read() {
        for (source, parameters, returns) in [
            (
                "public fn main(@Nat -> @Int) requires(true)",
                &["Nat"][..],
                "Int",
            ),
            (
                "-- public fn main(@Int -> @Int)\npublic fn main(@Unit -> @Unit)",
                &[],
                "Unit",
            ),
            ("public fn main(-> @String)", &[], "String"),
            (
                "public fn main(@Int, @Map<Int, String>, @Bool -> @Option<Int>)",
                &["Int", "Map<Int,String>", "Bool"],
                "Option<Int>",
            ),
            (
                "type Small = { @Int | @Int.0 < 9 }; type Tiny = Small;\npublic fn main(@Tiny -> @{ @Nat | true })",
                &["Int"],
                "Nat",
            ),
        ] {
            let parameters: Vec<String> = parameters.iter().map(|&it| it.to_owned()).collect();
            assert_eq!(head(source), (parameters, returns.to_owned()), "{source}");
        }
        // Names that stand for one another are no type.
        let circle = "type A = B; type B = A; public fn main(@A -> @Int)";
        let circle = &Head::of(circle).unwrap().parameters[0];
        assert!(matches!(circle, Kind::Other(_)), "{circle}");
        assert_eq!(Head::of("private fn main(@Int -> @Int)"), None);
        assert_eq!(Head::of("public fn main(@Int"), None);
    }
}
