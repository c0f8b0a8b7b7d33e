//! `vera-stress report`: what was recorded becomes a page for a browser.

use std::path::{Path, PathBuf};

use clap::Args;

use super::advice::Advise;
use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::outputs::{self, Wanted, not_a_dash, spares};
use super::print;
use crate::case::Problem;
use crate::record::replay;
use crate::report::html::{self, PageSource, render};

#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// What `--json FILE` of `run`, `climb`, `compare`, `merge`, `known` or
    /// `bisect` wrote; of several, each becomes a section of the page
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Where to write the page [default: the first file's name with `.html`, where
    /// nothing else is asked for]
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Show what the terminal showed; of one file
    #[arg(long)]
    text: bool,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write the results of a run as JUnit XML; of one file
    #[arg(long, value_name = "OUT")]
    junit: Option<PathBuf>,
    /// Write annotations and a summary in the formats that GitHub Actions reads; of
    /// one file
    #[arg(long)]
    pub github: bool,
    /// Overwrite files that vera-stress did not write
    #[arg(long)]
    force: bool,
}

pub fn run(args: &ReportArgs) -> Result<Exit, Stopped> {
    let mut sources = Vec::new();
    let mut unread = Vec::new();
    for path in &args.files {
        match PageSource::read(path) {
            Ok(source) => sources.push(source),
            Err(why) => unread.push(why.advised()),
        }
    }
    if !unread.is_empty() {
        return Err(Stopped::for_all(Exit::Usage, unread));
    }
    if args.detail.is_given() && !args.text {
        let why = "-v and -q say how much of what the terminal showed is shown again";
        return Err(Problem::new(why)
            .next("add --text, or leave them out")
            .into());
    }
    let first = args.files.first().expect("clap asks for at least one");
    if args.text || args.junit.is_some() || args.github {
        args.replay(&sources)?;
        if args.html.is_none() {
            return Ok(Exit::Success);
        }
    }
    let out = args
        .html
        .clone()
        .unwrap_or_else(|| first.with_extension("html"));
    args.spares_what_is_there(&out, "--html")?;
    outputs::write(&out, &render(&sources), html::is_ours, args.force)?;
    print(format!("{}: open it in a browser", out.display()));
    Ok(Exit::Success)
}

impl ReportArgs {
    /// Shows the one recording as it was shown when it was made.
    fn replay(&self, sources: &[PageSource]) -> Result<(), Stopped> {
        let [source] = sources else {
            let why =
                "--text, --junit and --github show one recording, and several files are named";
            let next = "name one of them, or leave these options out for a page of all";
            return Err(Problem::new(why).next(next).into());
        };
        if source.is_history() {
            let why =
                "a history was shown on no terminal as it is, so there is nothing to show again";
            let next = "leave --text, --junit and --github out for a page of it";
            return Err(Problem::new(why).next(next).into());
        }
        if let Some(junit) = &self.junit {
            self.spares_what_is_there(junit, "--junit")?;
        }
        let wanted = Wanted {
            junit: self.junit.as_deref(),
            github: self.github,
            force: self.force,
            detail: self.detail.detail(),
            ..Wanted::default()
        };
        let sinks = outputs::views(wanted, self.text)?;
        let file = self.files[0].display().to_string();
        replay(&file, source.bytes(), &sinks)?;
        match sinks.close() {
            trouble if trouble.is_empty() => Ok(()),
            trouble => Err(Stopped::for_all(Exit::Usage, trouble)),
        }
    }

    /// Nothing recorded is overwritten by what is made of it. `option` is what names
    /// the file.
    fn spares_what_is_there(&self, out: &Path, option: &str) -> Result<(), Problem> {
        not_a_dash(out)?;
        spares(out, self.files.iter().map(PathBuf::as_path)).map_err(|file| {
            Problem::new(format!(
                "{} is what the page is made of, and writing to it would destroy it",
                file.display()
            ))
            .next(format!("name another file: {option} OUT"))
        })?;
        Ok(())
    }
}
