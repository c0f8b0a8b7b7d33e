//! A program that stands for a scenario: somebody's Vera file, of which nobody has
//! written what it must come to.

mod directory;
mod head;
mod sources;
mod tokens;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::call::Call;
use super::definition::{ClimbBudget, Scenario, StandIn, Twins};
use super::expectation::{Agreement, ExpectedEnd, Pin};
use super::growth::Growth;
use super::oracle::{Oracle, OtherEnd, Source, StandardInput};
use super::program::Program;
use super::surroundings::{Files, Surroundings};
use crate::case::{Budget, Problem, Scale, Sources, Value};
pub use directory::{Found, programs_below};
use head::{Head, Kind};

/// The axis of all programs.
pub const AXIS: &str = "program";

/// What a program is given, and what must come of it, where somebody says so.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The arguments of `main`, as typed.
    pub arguments: Vec<String>,
    /// The same as words of a command, quoted for a shell.
    pub argument_options: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Option<String>,
    /// The folder whose files it has; its own where none is named.
    pub files: Option<PathBuf>,
    /// The environment that it sees.
    pub env: BTreeMap<String, String>,
    /// What it must return, as typed.
    pub value: Option<String>,
    /// What it must print.
    pub stdout: Option<String>,
    /// How else than by returning it must end.
    pub end: Option<ExpectedEnd>,
    /// All else that it is given, as words of a command.
    pub options: Vec<String>,
    /// What must come of it, as words of a command.
    pub says: Vec<String>,
}

/// The scales of a program that takes one, where nobody says which.
const LADDER: [u64; 5] = [1, 10, 100, 1_000, 10_000];

/// The scenario that the program in a file stands for, which is called `name`.
pub fn stand_in(path: &Path, name: &str, given: &Given) -> Result<Scenario, Problem> {
    let sources = sources::read(path)?;
    let head = Head::of(sources.main_text().unwrap_or_default());
    let head = head.ok_or_else(|| {
        Problem::new(format!(
            "`{name}` has no public function `main`, so there is nothing to run"
        ))
        .next("name the file that has it: what that one imports is found from there")
    })?;
    let Calling { call, n, ladder } = calling(name, &head, given)?;
    let value = given.value.as_ref();
    let value = value.map(|typed| expected_value(name, &head, typed));
    let value = value.transpose()?.map(ExpectedEnd::Value);
    // That Vera refuses a program has nothing to do with n.
    let (refused, end) = match value.or_else(|| given.end.clone()) {
        Some(end @ ExpectedEnd::Refused(_)) => (Some(end), None),
        end => (None, end),
    };
    let pin = Pin {
        end,
        stdout: given.stdout.clone(),
    };
    let says = pin.end.is_some() || pin.stdout.is_some();
    if says && !ladder.is_empty() {
        return Err(Problem::new(format!(
            "what must come of {name} is said, and not at which n: its `main` takes one"
        ))
        .next("give it the argument as well"));
    }
    let constant = |text: &String| Source::Constant(Value::Text(text.clone()));
    let own = path.parent().filter(|it| !it.as_os_str().is_empty());
    let files = given.files.as_deref().or(own).unwrap_or(Path::new("."));
    let (mut options, mut at_n) = (given.options.clone(), Vec::new());
    match call {
        Call::Scale if says => at_n.extend(given.argument_options.iter().cloned()),
        // The n is said by other means.
        Call::Scale => {}
        Call::Nothing | Call::Fixed(_) | Call::Computed(_) => {
            options.splice(0..0, given.argument_options.iter().cloned());
        }
    }
    at_n.extend(given.says.iter().cloned());
    Ok(Scenario {
        name: name.to_owned(),
        axis: AXIS.to_owned(),
        folder: name.to_owned(),
        title: format!("The program {name}"),
        why: "A program of somebody's own: all lanes must come to the same, and the sanitizer must find nothing.".to_owned(),
        n,
        tags: Vec::new(),
        guards: Vec::new(),
        budget: Budget::default(),
        alone: false,
        oracle: Oracle {
            value: None,
            stdout: None,
            stderr: None,
            files: None,
            script: None,
            otherwise: refused.map(|end| OtherEnd {
                end,
                from_n: Scale::ONE,
            }),
            agreement: Some(Agreement {
                value: head.returns.is_shown(),
            }),
            pins: says.then_some((n, pin)).into_iter().collect(),
        },
        input: StandardInput {
            stdin: given.stdin.as_ref().map(constant),
            script: None,
        },
        surroundings: Surroundings {
            files: Some(Files::Folder(files.to_owned())),
            env: given.env.clone(),
        },
        growth: Growth::free(),
        climb: ClimbBudget::default(),
        lanes: BTreeMap::new(),
        known: Vec::new(),
        program: Program::Fixed(sources),
        call,
        stand_in: Some(StandIn {
            ladder,
            options,
            names_files: given.files.is_some(),
            says: at_n,
        }),
        twins: Twins::Never,
    })
}

/// Whether what `main` returns is something that Vera shows, and not an address. Where
/// there is none to be found, it is.
pub fn shows_value(sources: &Sources) -> bool {
    let head = sources.main_text().and_then(Head::of);
    head.is_none_or(|it| it.returns.is_shown())
}

/// How `main` is called, and at which scales.
struct Calling {
    call: Call,
    n: Scale,
    ladder: Vec<Scale>,
}

fn calling(name: &str, head: &Head, given: &Given) -> Result<Calling, Problem> {
    let takes_scale = matches!(head.parameters.as_slice(), [Kind::Int | Kind::Nat]);
    let fixed = |call: Call| Calling {
        call,
        n: Scale::ONE,
        ladder: Vec::new(),
    };
    match (head.parameters.as_slice(), given.arguments.as_slice()) {
        ([], []) => Ok(fixed(Call::Nothing)),
        ([_], []) if takes_scale => {
            let ladder: Vec<Scale> = LADDER.into_iter().filter_map(Scale::new).collect();
            let n = *ladder.last().expect("there are rungs");
            Ok(Calling {
                call: Call::Scale,
                n,
                ladder,
            })
        }
        (parameters, arguments) => {
            let takes: Vec<String> = parameters.iter().map(|it| format!("@{it}")).collect();
            let takes = match takes.as_slice() {
                [] => "no argument".to_owned(),
                all => all.join(", "),
            };
            if let Some(other) = parameters.iter().find(|it| !it.can_be_typed()) {
                return Err(Problem::new(format!(
                    "the `main` of {name} takes {takes}, and @{other} cannot be given on a command line"
                ))
                .next("write a `main` that takes Int, Nat, Bool, Byte, Float64 or String, and makes the rest itself"));
            }
            if parameters.len() != arguments.len() {
                return Err(Problem::new(format!(
                    "the `main` of {name} takes {takes}, and {} given",
                    match arguments.len() {
                        0 => "no argument is".to_owned(),
                        1 => "1 argument is".to_owned(),
                        more => format!("{more} arguments are"),
                    }
                ))
                .next(match parameters {
                    [] => "give it none",
                    _ => "give a value for each, in this order",
                }));
            }
            for (kind, typed) in parameters.iter().zip(arguments) {
                if !kind.takes(typed) {
                    return Err(Problem::new(format!(
                        "the `main` of {name} takes {takes}, and `{typed}` is no @{kind}"
                    ))
                    .next("give a value for each, in this order"));
                }
            }
            match arguments {
                [only] if takes_scale => match only.parse().ok().and_then(Scale::new) {
                    Some(n) => Ok(Calling {
                        call: Call::Scale,
                        n,
                        ladder: Vec::new(),
                    }),
                    None => Ok(fixed(Call::Fixed(arguments.to_vec()))),
                },
                all => Ok(fixed(Call::Fixed(all.to_vec()))),
            }
        }
    }
}

/// What somebody says that `main` must return.
fn expected_value(name: &str, head: &Head, typed: &str) -> Result<Value, Problem> {
    let kind = &head.returns;
    let value = match kind {
        Kind::Int | Kind::Nat | Kind::Byte => typed.parse().ok().map(Value::Int),
        Kind::Bool => match typed {
            "true" | "1" => Some(Value::Int(1)),
            "false" | "0" => Some(Value::Int(0)),
            _ => None,
        },
        Kind::Float => typed.parse().ok().map(Value::Float),
        Kind::Text => Some(Value::Text(typed.to_owned())),
        Kind::Unit | Kind::Other(_) => None,
    };
    value.ok_or_else(|| match kind {
        Kind::Unit | Kind::Other(_) => Problem::new(format!(
            "the `main` of {name} returns @{kind}, of which Vera shows no value"
        ))
        .next("say what it must print instead"),
        _ => Problem::new(format!(
            "the `main` of {name} returns @{kind}, and `{typed}` is none"
        ))
        .next("write it as `vera run` shows it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn of(source: &str, given: &Given) -> Result<Scenario, Problem> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.vera");
        fs::write(&path, source).unwrap();
        stand_in(&path, "a.vera", given)
    }

    fn program(parameters: &str, returns: &str) -> String {
        format!(
            "public fn main({parameters} -> @{returns})\n  requires(true) ensures(true) effects(pure)\n{{ 0 }}\n"
        )
    }

    fn arguments(words: &[&str]) -> Given {
        Given {
            arguments: words.iter().map(|&it| it.to_owned()).collect(),
            ..Given::default()
        }
    }

    #[test]
    fn a_program_that_takes_a_scale_climbs_a_ladder_unless_it_is_given_one() {
        let none = of(&program("@Nat", "Int"), &Given::default()).unwrap();
        assert_eq!(none.ladder().len(), LADDER.len());
        let given = of(&program("@Nat", "Int"), &arguments(&["12"])).unwrap();
        assert_eq!((given.n.get(), given.ladder()), (12, &[][..]));
        // What is no scale is passed as it is.
        let below = of(&program("@Int", "Int"), &arguments(&["-3"])).unwrap();
        assert!(matches!(&below.call, Call::Fixed(all) if all == &["-3"]));
        let fixed = of(&program("@Int, @String", "Int"), &arguments(&["1", "x"])).unwrap();
        assert!(matches!(fixed.call, Call::Fixed(_)));
        assert!(matches!(
            of(&program("@Unit", "Int"), &Given::default())
                .unwrap()
                .call,
            Call::Nothing
        ));
    }

    #[test]
    fn a_wrong_use_is_told_with_what_main_takes() {
        for (parameters, words, says) in [
            (
                "@Nat, @Bool",
                &["1"][..],
                "takes @Nat, @Bool, and 1 argument is given",
            ),
            ("@Nat", &["-1"], "`-1` is no @Nat"),
            ("@Nat, @Bool", &["1", "perhaps"], "`perhaps` is no @Bool"),
            ("@Array<Int>", &[], "@Array<Int> cannot be given"),
            (
                "@Unit",
                &["1"],
                "takes no argument, and 1 argument is given",
            ),
        ] {
            let why = of(&program(parameters, "Int"), &arguments(words)).unwrap_err();
            assert!(why.what().contains(says), "{why}");
            assert!(why.advice().is_some(), "{why}");
        }
        let why = of("private fn helper(@Int -> @Int) { 1 }", &Given::default()).unwrap_err();
        assert!(why.what().contains("no public function `main`"), "{why}");
    }

    #[test]
    fn what_must_come_at_one_n_is_not_expected_at_another() {
        let value = |words: &[&str]| {
            let given = Given {
                value: Some("8".to_owned()),
                ..arguments(words)
            };
            of(&program("@Nat", "Int"), &given)
        };
        let scenario = value(&["4"]).unwrap();
        let expected = |n| scenario.oracle.at(Scale::new(n).unwrap()).unwrap();
        assert_eq!(expected(4).value(), Some(&Value::Int(8)));
        assert_eq!(expected(3).end, None);
        let why = value(&[]).unwrap_err();
        assert!(why.what().contains("not at which n"), "{why}");
    }

    #[test]
    fn what_must_be_returned_is_read_by_its_type() {
        let value = |returns: &str, typed: &str| {
            let given = Given {
                value: Some(typed.to_owned()),
                ..Given::default()
            };
            let scenario = of(&program("@Unit", returns), &given)?;
            let expected = scenario.oracle.at(Scale::ONE).unwrap();
            Ok::<_, Problem>(expected.value().cloned().unwrap())
        };
        assert_eq!(value("Int", "-5").unwrap(), Value::Int(-5));
        assert_eq!(value("String", "5").unwrap(), Value::Text("5".to_owned()));
        assert_eq!(value("Float64", "5").unwrap(), Value::Float(5.0));
        assert_eq!(value("Bool", "true").unwrap(), Value::Int(1));
        assert!(
            value("Int", "x")
                .unwrap_err()
                .what()
                .contains("`x` is none")
        );
        let why = value("Decimal", "1").unwrap_err();
        assert!(why.what().contains("shows no value"), "{why}");
    }
}
