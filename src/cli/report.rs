//! `vera-stress report`: what was recorded becomes a page for a browser.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{print, usage};
use crate::exit::Exit;
use crate::report::html::{FIRST_LINE, Source, render};
use crate::report::outputs::not_a_dash;
use crate::report::terminal::note;

#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// What `--json FILE` of `run`, `climb`, `compare`, `merge`, `known` or
    /// `bisect` wrote; of several, each becomes a section of the page
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Where to write the page [default: the first file's name with `.html`]
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
}

pub fn run(args: &ReportArgs) -> Exit {
    let mut sources = Vec::new();
    let mut unread = false;
    for path in &args.files {
        match Source::read(path) {
            Ok(source) => sources.push(source),
            Err(why) => {
                note(&why.to_string());
                unread = true;
            }
        }
    }
    if unread {
        return Exit::Usage;
    }
    let first = args.files.first().expect("clap asks for at least one");
    let out = args
        .html
        .clone()
        .unwrap_or_else(|| first.with_extension("html"));
    if let Err(why) = args.spares_what_is_there(&out) {
        return usage(why);
    }
    if let Err(why) = fs::write(&out, render(&sources)) {
        return usage(format!(
            "{} cannot be written: {why}\n     next: name a file in an existing directory that you may write to",
            out.display()
        ));
    }
    print(format!("{}: open it in a browser", out.display()));
    Exit::Success
}

impl ReportArgs {
    /// Nothing recorded is overwritten by what is made of it, nor anything else
    /// that is no page of ours.
    fn spares_what_is_there(&self, out: &Path) -> Result<(), String> {
        not_a_dash(out)?;
        let Ok(there) = out.canonicalize() else {
            return Ok(());
        };
        let same = |file: &&PathBuf| file.canonicalize().is_ok_and(|it| it == there);
        if let Some(file) = self.files.iter().find(same) {
            return Err(format!(
                "{} is what the page is made of, and writing to it would destroy it\n     next: name another file: --html OUT",
                file.display()
            ));
        }
        let mut start = Vec::new();
        let length = FIRST_LINE.len() as u64;
        if there.is_file()
            && let Ok(file) = File::open(&there)
            && file.take(length).read_to_end(&mut start).is_ok()
            && !start.is_empty()
            && start != FIRST_LINE.as_bytes()
        {
            return Err(format!(
                "{} is there already, and no page of vera-stress\n     next: name another file: --html OUT, or take that one away",
                out.display()
            ));
        }
        Ok(())
    }
}
