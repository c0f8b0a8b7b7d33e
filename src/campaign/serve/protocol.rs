//! The lines that are read and written: one JSON object a line.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Lane, Problem, Scale};
use crate::judge::Verdict;
use crate::record::{CaseRecord, Summary};
use crate::toolchain::{Choice, Chosen};

/// What is asked for, under the `id` that its reply carries.
#[derive(Debug)]
pub struct ServeRequest {
    /// Whatever the asker knows it by; `null` where a line has none.
    pub id: Value,
    /// What is to be done.
    pub ask: Ask,
}

/// What can be asked for.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    /// The cases of these scenarios; of all where there is no filter.
    Collect {
        /// Patterns of names.
        #[serde(default)]
        names: Vec<String>,
        /// Those of what is left out.
        #[serde(default)]
        exclude: Vec<String>,
        /// Axes.
        #[serde(default)]
        axes: Vec<String>,
        /// Issues or classes of bugs.
        #[serde(default)]
        guards: Vec<String>,
        /// Tags.
        #[serde(default)]
        tags: Vec<String>,
    },
    /// The Vera, before any case is wanted.
    SetUp {},
    /// These cases will be asked for, in this order: they may begin now.
    Ahead {
        /// Their names.
        cases: Vec<String>,
    },
    /// What comes of this case; the reply comes when it has ended.
    Run {
        /// Its name.
        case: String,
    },
    /// Nothing more will be asked for.
    Finish {
        /// Whether the asker was broken off.
        #[serde(default)]
        interrupted: bool,
    },
}

impl ServeRequest {
    /// Reads a line. The error is the reply to it.
    pub fn parse(line: &str) -> Result<ServeRequest, (Value, Problem)> {
        let next = "write one JSON object a line, such as {\"id\": 1, \"do\": \"collect\"}; see docs/serve.md";
        let wrong =
            |what: String| Problem::new(format!("this request cannot be read: {what}")).next(next);
        let value: Value = serde_json::from_str(line)
            .map_err(|why| (Value::Null, wrong(format!("it is no JSON: {why}"))))?;
        let Value::Object(mut keys) = value else {
            return Err((Value::Null, wrong("it is no JSON object".to_owned())));
        };
        let id = keys.remove("id").unwrap_or(Value::Null);
        match Ask::deserialize(Value::Object(keys)) {
            Ok(ask) => Ok(ServeRequest { id, ask }),
            Err(why) => Err((id, wrong(why.to_string()))),
        }
    }
}

/// What is replied.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Response<'a> {
    /// To `collect`.
    Collected {
        /// The cases, by scenario and lane.
        cases: Vec<CollectedCase<'a>>,
        /// The scenarios that cannot be used.
        errors: Vec<Unusable>,
        /// What chance repeats with.
        seed: u64,
        /// The Vera that they are for, which is not set up yet.
        vera: ChosenVera,
    },
    /// To `set-up`.
    SetUp {
        /// The version of the Vera under test.
        vera: String,
    },
    /// To `ahead`.
    Ahead {
        /// How many cases of the list were not under way already.
        ahead: usize,
    },
    /// To `run`.
    Ran(&'a TestResult),
    /// To `finish`.
    Finished {
        /// The numbers of the run; `null` where nothing was run.
        summary: Option<&'a Summary>,
        /// Its number in the history, where it is recorded.
        run: Option<i64>,
    },
    /// To what could not be done.
    Error {
        /// What was asked for, what went wrong, and what to do next.
        error: String,
    },
}

/// Which Vera, and why that one.
#[derive(Debug, Serialize)]
pub struct ChosenVera {
    /// As it would be named.
    pub spec: String,
    /// Why it is this one.
    pub chosen: Chosen,
    /// The same in words.
    pub why: &'static str,
}

impl From<&Choice> for ChosenVera {
    fn from(choice: &Choice) -> ChosenVera {
        ChosenVera {
            spec: choice.to_string(),
            chosen: choice.why,
            why: choice.why.words(),
        }
    }
}

/// A case that can be run.
#[derive(Debug, Serialize)]
pub struct CollectedCase<'a> {
    /// What it is asked for by: `scenario[lane]`, without the seed of the run.
    pub name: String,
    /// The scenario.
    pub scenario: &'a str,
    /// The lane, with its seed.
    pub lane: Lane,
    /// The scale.
    pub n: Scale,
    /// What grows with n.
    pub axis: &'a str,
    /// The scenario in one line.
    pub title: &'a str,
    /// Words to choose it by.
    pub tags: &'a [String],
    /// The scenario's file, where it is not built in.
    pub file: Option<PathBuf>,
    /// What a person should know who has it run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A scenario that cannot be used.
#[derive(Debug, Serialize)]
pub struct Unusable {
    /// The file or folder.
    pub file: String,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong with it, and what to do, as the terminal shows it.
    pub text: String,
}

/// What came of a case.
#[derive(Debug, Serialize)]
pub struct TestResult {
    /// What it means for a list of tests.
    pub outcome: TestOutcome,
    /// What the terminal shows of it.
    pub text: String,
    /// All that is known of it.
    pub record: CaseRecord,
}

/// The kinds of verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestOutcome {
    /// As expected.
    Passed,
    /// Failed as declared.
    Known,
    /// Beyond what the lane's engine can run.
    Unsupported,
    /// Failed.
    Failed,
    /// A known limit that no longer fails.
    Fixed,
    /// Not run.
    NotRun,
}

impl From<Verdict> for TestOutcome {
    fn from(verdict: Verdict) -> TestOutcome {
        match verdict {
            Verdict::Pass => TestOutcome::Passed,
            Verdict::Known => TestOutcome::Known,
            Verdict::Unsupported | Verdict::Refused => TestOutcome::Unsupported,
            Verdict::Failed(_) => TestOutcome::Failed,
            Verdict::Fixed => TestOutcome::Fixed,
            Verdict::Undecided | Verdict::NotRun => TestOutcome::NotRun,
        }
    }
}

/// Where replies go, from several threads.
pub struct Replies(Mutex<Box<dyn Write + Send>>);

impl Replies {
    /// Replies that are written to `to`.
    pub fn to(to: impl Write + Send + 'static) -> Replies {
        Replies(Mutex::new(Box::new(to)))
    }

    /// Writes a reply. Whoever stopped listening wants no more: the end of their
    /// requests says so.
    pub fn answer(&self, id: &Value, answer: &Response<'_>) {
        #[derive(Serialize)]
        struct Reply<'a> {
            id: &'a Value,
            #[serde(flatten)]
            answer: &'a Response<'a>,
        }
        let line = serde_json::to_string(&Reply { id, answer })
            .expect("plain data with text for keys is JSON");
        let mut to = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(to, "{line}").and_then(|()| to.flush());
    }

    /// Writes that something could not be done.
    pub fn refuse(&self, id: &Value, why: &Problem) {
        let error = why.to_string();
        self.answer(id, &Response::Error { error });
    }
}
