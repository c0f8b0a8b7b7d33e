//! Reading a program as one Vera reads it.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;

use super::compile::{Stop, ending, lay_out, read_reply};
use super::job::Job;
use super::watch::ChildEnd;
use super::worker::Workers;
use crate::case::{Budget, Doing, Ending, Sources};
use crate::interrupt::Interrupt;
use crate::vera::Program;
use crate::vera::decode::{decode, kinds};

/// What Vera makes of the source of a program.
#[derive(Debug)]
pub struct Read {
    /// Its tree; `None` where the parser refuses it.
    pub program: Option<Program>,
    /// The kinds of nodes of its tree, as [`kinds`] names them.
    pub kinds: BTreeSet<String>,
    /// What `vera check` says against it: codes and sentences.
    pub refused: Vec<(String, String)>,
}

/// What a child that reads replies.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReadReply {
    Read(Vec<(String, String)>),
    Ending(Ending),
}

/// Has a worker read the file of these sources that holds `main`; or how that ended instead.
pub fn read(
    workers: &Workers,
    sources: &Sources,
    budget: Budget,
    interrupt: &Interrupt,
) -> Result<Result<Read, Ending>, Stop> {
    let folder = || tempfile::tempdir_in(workers.scratch());
    let folder = || folder().map_err(Stop::files("making a folder for a program"));
    let (source, out) = (folder()?, folder()?);
    lay_out(sources, source.path())?;
    let job = Job::Tree {
        source: source.path().to_owned(),
        main: sources.main.clone(),
    };
    let (end, _) = workers.run(&job, budget, out.path(), interrupt)?;
    let refused = match (&end, read_reply(out.path())) {
        (ChildEnd::Replied, Some(ReadReply::Read(refused))) => refused,
        (ChildEnd::Replied, Some(ReadReply::Ending(ending))) => return Ok(Err(ending)),
        _ => return ending(end, budget, Doing::Compiling).map(Err),
    };
    let text = sources.main_text().unwrap_or_default();
    let table = fs::read(out.path().join("tree.json")).unwrap_or_default();
    let table = serde_json::from_slice::<serde_json::Value>(&table).unwrap_or_default();
    let program = match table.is_null() {
        true => None,
        false => match decode(&table, text) {
            Ok(program) => Some(program),
            Err(why) => return Ok(Err(Ending::crashed(why, Doing::Compiling))),
        },
    };
    let kinds = kinds(&table);
    Ok(Ok(Read {
        program,
        kinds,
        refused,
    }))
}
