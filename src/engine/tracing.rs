//! Which lines of Vera's own code compile and run a program, and which branches of its
//! runtime in the module a run takes.

use super::folder::Around;
use super::native::NativeRequest;
use super::{Engines, Subject, imports, reference};
use crate::branches::Branch;
use crate::case::{Budget, Case, Ending, Lane, Scale};
use crate::interrupt::Interrupt;
use crate::toolchain::compile::{Stop, lay_out};
use crate::toolchain::inventory::{Lines, written};
use crate::toolchain::worker::Job;

impl Engines {
    /// Has a program compiled and run by Vera's own runtime at `scale`, and gives the
    /// lines that did so. What is refused is traced as far as it came.
    pub fn trace(
        &self,
        subject: Subject<'_>,
        scale: Scale,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Result<Lines, Ending>, Stop> {
        let compiled = self.compile(subject.sources, Lane::REFERENCE, budget, interrupt)?;
        let (args, imported) = match &compiled {
            Ok(compiled) => (
                compiled.about.arguments(scale, subject.arguments),
                imports(compiled)?,
            ),
            Err(_) => (Ok(Vec::new()), Vec::new()),
        };
        let Around {
            input,
            asks_for_files,
            files,
            env,
        } = self.around(subject, &imported)?;
        let folder = || tempfile::tempdir_in(self.workers.scratch());
        let folder = || folder().map_err(Stop::files("making a folder for a program"));
        let (source, out) = (folder()?, folder()?);
        lay_out(subject.sources, source.path())?;
        let fresh = files.fresh();
        let fresh = fresh.map_err(Stop::files("giving a program its files"))?;
        let job = Job::Traced {
            source: source.path().to_owned(),
            main: subject.sources.main.clone(),
            args: args.unwrap_or_default(),
            stdin: reference::write_input(out.path(), input)?,
            folder: fresh.path().to_owned(),
            files: asks_for_files,
            env: env.clone(),
        };
        let (end, _) = self.workers.run(&job, budget, out.path(), interrupt)?;
        written(end, budget, out.path(), "lines.json")
    }

    /// The branches of Vera's runtime in a program, and whether a run in the lane of
    /// `case`, a native one, takes each of them, however it ends.
    pub fn branches(
        &self,
        subject: Subject<'_>,
        case: &Case,
        (budget, seed): (Budget, u64),
        interrupt: &Interrupt,
    ) -> Result<Result<Vec<(Branch, bool)>, Ending>, Stop> {
        let compiled = match self.compile(subject.sources, case.lane, budget, interrupt)? {
            Ok(compiled) => compiled,
            Err((ending, _)) => return Ok(Err(ending)),
        };
        let arguments = match compiled.about.arguments(case.scale, subject.arguments) {
            Ok(arguments) => arguments,
            Err(why) => return Ok(Err(Ending::rejected(why.to_string()))),
        };
        let around = self.around(subject, &imports(&compiled)?)?;
        let request = NativeRequest::of(arguments, &around, case.lane, seed, budget);
        let branches = self.native.branches(&compiled, &request, interrupt)?;
        Ok(Ok(branches))
    }
}
