//! Cases one by one, for programs that ask for them: requests come as lines of
//! JSON, and each gets a line in reply.
//!
//! Collecting needs no Vera, so it takes milliseconds. The first case that is
//! wanted sets one up, and a run begins: cases that were announced go side by side
//! on the one path of every run, so that whoever asks one by one waits for hardly
//! more than the run would take.

mod desk;
mod protocol;
mod session;

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

use super::Setting;
use crate::case::{Case, Problem};
use crate::config::Profile;
use crate::plan::{Name, Selection, likeness, plan, test_names};
use crate::record::{CaseRecord, Conclusion};
use crate::scenario::Scenario;
use crate::scenario::load::{SCENARIO_FILE, ScenarioError};
use crate::scenario::new::unwritten;
use crate::toolchain::{Choice, Toolchain};
use protocol::{Ask, CollectedCase, Replies, Response, ServeRequest, Unusable};

/// How often a server that waits for requests looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// What a server works with.
pub struct Server<'a> {
    /// What every use works with.
    pub setting: Setting<'a>,
    /// The Vera that is set up with the first case.
    pub vera: &'a Choice,
    /// The profile, by name and with what was asked for on top.
    pub profile: (&'a str, &'a Profile),
    /// The folder below which failures leave theirs, absolute or from the working
    /// directory.
    pub failures: &'a Path,
    /// What a person is shown of a case.
    pub text: fn(&CaseRecord) -> String,
}

impl Server<'_> {
    /// Serves until the requests end, one asks for the end, or an interrupt comes.
    ///
    /// `set_up` gives the Vera; it is called once, for the first case that is
    /// wanted. Its error is the reply to each request that would have needed a Vera.
    pub fn serve(
        &self,
        requests: impl Read + Send + 'static,
        replies: impl Write + Send + 'static,
        set_up: impl FnOnce() -> Result<Toolchain, Problem>,
    ) -> Conclusion {
        let inbox = Inbox::of(requests);
        let replies = Replies::to(replies);
        let mut cases = Vec::new();
        let mut set_up = Some(set_up);
        let mut broken: Option<Problem> = None;
        let mut ready: Option<Toolchain> = None;
        let interrupted = || self.setting.interrupt.is_set();
        while let Some(line) = inbox.next(interrupted) {
            let ServeRequest { id, ask } = match ServeRequest::parse(&line) {
                Ok(request) => request,
                Err((id, why)) => {
                    replies.refuse(&id, &why);
                    continue;
                }
            };
            match (ask, &broken) {
                (
                    Ask::Collect {
                        names,
                        exclude,
                        axes,
                        guards,
                        tags,
                    },
                    _,
                ) => {
                    let read = |texts: Vec<String>| -> Result<Vec<Name>, Problem> {
                        texts.iter().map(|it| it.parse()).collect()
                    };
                    let found = read(names).and_then(|names| {
                        self.collect(&Selection {
                            names,
                            excluded: read(exclude)?,
                            axes,
                            guards,
                            tags,
                            ..self.all()
                        })
                    });
                    match found {
                        Ok(found) => {
                            cases = found;
                            replies.answer(&id, &self.collected(&cases));
                        }
                        Err(why) => replies.refuse(&id, &why),
                    }
                }
                (Ask::Finish { .. }, _) => {
                    replies.answer(
                        &id,
                        &Response::Finished {
                            summary: None,
                            run: None,
                        },
                    );
                    break;
                }
                (Ask::SetUp {} | Ask::Ahead { .. } | Ask::Run { .. }, Some(why)) => {
                    replies.refuse(&id, why);
                }
                (ask @ (Ask::SetUp {} | Ask::Ahead { .. } | Ask::Run { .. }), None) => {
                    if let Some(why) = unknown(&ask, &cases) {
                        replies.refuse(&id, &why);
                        continue;
                    }
                    let first = ServeRequest { id, ask };
                    if let Some(set_up) = set_up.take() {
                        match set_up() {
                            Ok(vera) => ready = Some(vera),
                            Err(why) => {
                                replies.refuse(&first.id, &why);
                                broken = Some(why);
                                continue;
                            }
                        }
                    }
                    let toolchain = ready
                        .as_ref()
                        .expect("it is there once it was set up, or else broken");
                    if let Ask::SetUp {} = first.ask {
                        let vera = toolchain.version.to_string();
                        replies.answer(&first.id, &Response::SetUp { vera });
                        continue;
                    }
                    match self.run(&cases, toolchain, &first, (&inbox, &replies)) {
                        Ok(conclusion) => return conclusion,
                        Err(why) => {
                            replies.refuse(&first.id, &why);
                            broken = Some(why);
                        }
                    }
                }
            }
        }
        let toolchain = broken.is_some();
        Conclusion {
            toolchain,
            interrupted: !toolchain && interrupted(),
            ..Conclusion::default()
        }
    }

    /// All cases of the profile.
    fn all(&self) -> Selection {
        let (_, profile) = self.profile;
        Selection {
            lanes: profile.lanes.clone(),
            seed: self.setting.seed,
            scale: profile.scale,
            ..Selection::default()
        }
    }

    fn collect(&self, selection: &Selection) -> Result<Vec<Named<'_>>, Problem> {
        let cases = plan(&self.setting.catalogue.scenarios, selection)?;
        let scenarios: HashMap<&str, &Scenario> = (self.setting.catalogue.scenarios.iter())
            .map(|scenario| (scenario.name.as_str(), scenario))
            .collect();
        let names = test_names(
            cases
                .iter()
                .map(|it| (it.scenario.as_str(), it.lane, it.scale)),
        );
        let named = names.into_iter().zip(cases).map(|(name, case)| Named {
            name,
            scenario: scenarios[case.scenario.as_str()],
            case,
        });
        Ok(named.collect())
    }

    fn collected<'c>(&self, cases: &'c [Named<'_>]) -> Response<'c> {
        let file = |scenario: &Scenario| {
            let folder = std::path::Path::new(&scenario.folder);
            let own = self
                .setting
                .catalogue
                .directories
                .iter()
                .any(|it| folder.starts_with(it));
            let file = match scenario.stand_in {
                Some(_) => folder.to_owned(),
                None => folder.join(SCENARIO_FILE),
            };
            let file = std::path::absolute(file).ok()?;
            own.then_some(file)
        };
        let errors = (self.setting.catalogue)
            .errors
            .iter()
            .map(|error: &ScenarioError| Unusable {
                file: error.file.clone(),
                line: error.line,
                text: error.to_string(),
            });
        let cases = cases.iter().map(
            |Named {
                 name,
                 scenario,
                 case,
             }| CollectedCase {
                name: name.clone(),
                scenario: &scenario.name,
                lane: case.lane,
                n: case.scale,
                axis: &scenario.axis,
                title: &scenario.title,
                tags: &scenario.tags,
                file: file(scenario),
                note: unwritten(scenario).map(|it| it.to_string()),
            },
        );
        Response::Collected {
            cases: cases.collect(),
            errors: errors.collect(),
            seed: self.setting.seed,
            vera: self.vera.into(),
        }
    }
}

/// A case that was collected.
struct Named<'a> {
    name: String,
    scenario: &'a Scenario,
    case: Case,
}

/// What a request names that was not collected, with what to do about it.
fn unknown(ask: &Ask, cases: &[Named<'_>]) -> Option<Problem> {
    let named = match ask {
        Ask::Ahead { cases } => cases.as_slice(),
        Ask::Run { case } => std::slice::from_ref(case),
        Ask::Collect { .. } | Ask::SetUp {} | Ask::Finish { .. } => &[],
    };
    let names: HashSet<&str> = cases.iter().map(|it| it.name.as_str()).collect();
    let unknown = named.iter().find(|name| !names.contains(name.as_str()))?;
    let next = if cases.is_empty() {
        "ask to `collect` first: its reply has the names".to_owned()
    } else {
        nearest(unknown, names)
    };
    Some(Problem::new(format!("no case is called `{unknown}`")).next(next))
}

/// What to do about a name that is none of these.
fn nearest<'n>(unknown: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let all = "the reply to `collect` has all names";
    let close = names
        .into_iter()
        .map(|name| (likeness(unknown, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    match close {
        Some((_, name)) => format!("did you mean `{name}`? {all}"),
        None => all.to_owned(),
    }
}

/// The requests, as they come.
struct Inbox(Receiver<String>);

impl Inbox {
    fn of(requests: impl Read + Send + 'static) -> Inbox {
        let (sender, receiver) = channel();
        // Nothing can wake a thread that reads: it ends with the process.
        std::thread::spawn(move || {
            let mut requests = BufReader::new(requests);
            let mut line = Vec::new();
            while requests
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line).trim().to_owned();
                line.clear();
                if !text.is_empty() && sender.send(text).is_err() {
                    return;
                }
            }
        });
        Inbox(receiver)
    }

    /// The next one; `None` where there are no more, or it `is_over`.
    fn next(&self, is_over: impl Fn() -> bool) -> Option<String> {
        loop {
            if is_over() {
                return None;
            }
            match self.0.recv_timeout(LOOK) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Named<'_> {
    /// The place of each name.
    fn places<'c>(cases: &'c [Named<'_>]) -> HashMap<&'c str, usize> {
        let name = |(place, it): (usize, &'c Named<'_>)| (it.name.as_str(), place);
        cases.iter().enumerate().map(name).collect()
    }
}

/// The id of a request that asks for the end, and whether the asker was broken off.
type SessionEnd = Option<(Value, bool)>;
