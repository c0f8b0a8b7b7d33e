//! At which scale a scenario runs.

use std::str::FromStr;

use serde::Deserialize;

use crate::case::{Lane, Problem, Scale};
use crate::scenario::Scenario;

/// At which scale a scenario runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScaleChoice {
    /// At one scale, whatever the scenario says.
    Fixed(Scale),
    /// At a multiple of the scale that the scenario has in the lane.
    Times(f64),
}

impl ScaleChoice {
    /// The scale of `scenario` in `lane`.
    pub fn of(self, scenario: &Scenario, lane: Lane) -> Scale {
        if !scenario.takes_scale() {
            return scenario.n;
        }
        self.over(scenario.scale_in(lane))
    }

    /// All scales at which `scenario` runs in `lane`.
    pub fn all_of(self, scenario: &Scenario, lane: Lane) -> Vec<Scale> {
        if !scenario.takes_scale() {
            return vec![scenario.n];
        }
        let mut all: Vec<Scale> = scenario.scales_in(lane);
        all.iter_mut().for_each(|it| *it = self.over(*it));
        all.dedup();
        all
    }

    /// The scale where a scenario's own is `scale`.
    pub fn over(self, scale: Scale) -> Scale {
        match self {
            ScaleChoice::Fixed(fixed) => fixed,
            ScaleChoice::Times(factor) => {
                let n = (scale.get() as f64 * factor).round();
                // The cast saturates, and 0 becomes the smallest scale.
                Scale::new((n as u64).min(Scale::MAX)).unwrap_or(Scale::ONE)
            }
        }
    }
}

impl FromStr for ScaleChoice {
    type Err = Problem;

    fn from_str(text: &str) -> Result<ScaleChoice, Problem> {
        let wrong = || {
            Problem::new(format!(
                "`{text}` is no scale; write a number from 1 up, such as 5000, or a multiple, such as x2 or x0.1"
            ))
        };
        if let Some(factor) = text.strip_prefix('x') {
            return match factor.parse::<f64>() {
                Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(ScaleChoice::Times(factor)),
                _ => Err(wrong()),
            };
        }
        let number = text.replace('_', "").parse().map_err(|_| wrong())?;
        Scale::new(number).map(ScaleChoice::Fixed).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for ScaleChoice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ScaleChoice, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
