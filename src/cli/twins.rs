//! Whether a run holds programs against their twins.

use clap::Args;

use crate::scenario::catalogue::Catalogue;
use crate::scenario::{Scenario, Twins};

/// So many programs that are named by their paths are held against their twins unasked,
/// where they are small. All twins are compiled: a folder of programs would take many
/// times what compiling it takes.
const FEW: usize = 8;

#[derive(Args, Clone, Copy, Debug, Default, PartialEq)]
pub struct TwinArgs {
    /// Rewrite each program so that it must do the same, and fail where it does not
    #[arg(long)]
    twins: bool,
    /// Do not do so with small programs, where few are named by their paths
    #[arg(long, conflicts_with = "twins")]
    no_twins: bool,
}

impl TwinArgs {
    /// Has the scenarios of a catalogue held against their twins, as far as that is
    /// asked for, and else programs where they are few.
    pub fn apply(self, catalogue: &mut Catalogue) {
        if self.twins {
            return catalogue.hold_against_twins();
        }
        let is_program = |it: &Scenario| it.stand_in.is_some();
        let scenarios = catalogue.scenarios.iter_mut();
        let programs: Vec<&mut Scenario> = scenarios.filter(|it| is_program(it)).collect();
        if !self.no_twins && programs.len() <= FEW {
            for program in programs {
                program.twins = Twins::WhereSmall;
            }
        }
    }
}
