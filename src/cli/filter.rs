//! Which scenarios a command is about.

use clap::Args;

use super::suggest;
use crate::case::Lane;
use crate::plan::{ScaleChoice, Selection};

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Scenarios, by name or pattern (`array-*`) [default: all]
    #[arg(value_name = "NAME|GLOB", value_parser = suggest::names(), hide_possible_values = true)]
    names: Vec<String>,
    /// Only scenarios of this axis
    #[arg(long, value_name = "AXIS", value_parser = suggest::axes(), hide_possible_values = true)]
    axis: Vec<String>,
    /// Only scenarios that guard this issue (570) or class of bugs (shadow-stack)
    #[arg(long, value_name = "GUARD")]
    guard: Vec<String>,
    /// Only scenarios with this tag, such as `seed` for a first look at a Vera
    #[arg(long, value_name = "TAG", value_parser = suggest::tags(), hide_possible_values = true)]
    tag: Vec<String>,
}

impl Filter {
    /// These scenarios, as users run them and at their own scale.
    pub fn selection(&self) -> Selection {
        Selection {
            names: self.names.clone(),
            axes: self.axis.clone(),
            guards: self.guard.clone(),
            tags: self.tag.clone(),
            lanes: vec![Lane::REFERENCE],
            seed: 0,
            scale: ScaleChoice::Times(1.0),
            partition: None,
        }
    }
}
