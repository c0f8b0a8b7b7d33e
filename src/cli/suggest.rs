//! What a shell offers where any text is taken: names of the built-in catalogue,
//! lanes and profiles.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Command};

use crate::case::{Lane, Problem};
use crate::config;
use crate::scenario::catalogue::Catalogue;

/// A parser that offers some values and takes whatever another one takes.
#[derive(Clone)]
pub struct Suggested<P> {
    parser: P,
    values: fn() -> Vec<String>,
}

impl<P: TypedValueParser> TypedValueParser for Suggested<P> {
    type Value = P::Value;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<P::Value, Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            (self.values)().into_iter().map(PossibleValue::new),
        ))
    }
}

/// Scenarios.
pub fn names() -> Suggested<StringValueParser> {
    text(|| {
        let catalogue = Catalogue::load(&[] as &[&str]);
        catalogue.scenarios.into_iter().map(|it| it.name).collect()
    })
}

/// Axes.
pub fn axes() -> Suggested<StringValueParser> {
    text(Catalogue::built_in_axes)
}

/// Tags.
pub fn tags() -> Suggested<StringValueParser> {
    text(|| {
        let catalogue = Catalogue::load(&[] as &[&str]);
        let tags = catalogue.scenarios.into_iter().flat_map(|it| it.tags);
        let mut tags: Vec<String> = tags.collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    })
}

/// Profiles.
pub fn profiles() -> Suggested<StringValueParser> {
    text(|| config::BUILT_IN.map(str::to_owned).to_vec())
}

/// What reads a lane.
pub type LaneParser = fn(&str) -> Result<Lane, Problem>;

/// Lanes, but for those that want a number.
pub fn lanes() -> Suggested<LaneParser> {
    Suggested {
        parser: |text| text.parse(),
        values: || {
            let lanes = Lane::FORMS.into_iter().filter(|it| !it.contains('='));
            lanes.map(str::to_owned).collect()
        },
    }
}

fn text(values: fn() -> Vec<String>) -> Suggested<StringValueParser> {
    Suggested {
        parser: StringValueParser::new(),
        values,
    }
}
