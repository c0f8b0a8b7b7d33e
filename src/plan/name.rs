//! A name as somebody types it, or copies it from what was shown.

use std::fmt;
use std::str::FromStr;

use wildmatch::WildMatch;

use super::scale_choice::ScaleChoice;
use crate::case::{Lane, Problem, Scale};

/// What pytest and its reports write before the names of our tests.
const PYTEST: &str = "stress::";

/// Which cases a name means: those of a scenario, of a scenario in a lane, or one
/// case alone.
///
/// It is read as it is shown anywhere: `life`, `life[native]`, `life [native]
/// n=5000`, `stress::life[native]`. Scenario and lane may be patterns (`array-*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The scenario, or a pattern of scenarios.
    pub scenario: String,
    /// The lane, or those lanes of a selection that match a pattern.
    pub lane: Option<LaneName>,
    /// The scale.
    pub n: Option<Scale>,
}

/// Which lanes a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneName {
    /// This one; without a seed, whichever seed the selection has.
    Lane(Lane),
    /// Those of the selection that match.
    Pattern(String),
}

impl Name {
    /// All cases of a scenario, or of those that match a pattern.
    pub fn of(scenario: impl Into<String>) -> Name {
        Name {
            scenario: scenario.into(),
            lane: None,
            n: None,
        }
    }

    /// The scale that it names; else each scenario's own.
    pub fn scale(&self) -> ScaleChoice {
        self.n.map_or(ScaleChoice::Times(1.0), ScaleChoice::Fixed)
    }

    /// The one lane that it names.
    pub fn one_lane(&self) -> Option<Lane> {
        match self.lane {
            Some(LaneName::Lane(lane)) => Some(lane),
            Some(LaneName::Pattern(_)) | None => None,
        }
    }

    /// Whether a scenario is called so.
    pub fn is_of(&self, scenario: &str) -> bool {
        WildMatch::new(&self.scenario).matches(scenario)
    }

    /// Whether it means a case.
    pub fn holds(&self, scenario: &str, lane: Lane, n: Scale) -> bool {
        self.is_of(scenario)
            && self.lane.as_ref().is_none_or(|it| it.holds(lane))
            && self.n.is_none_or(|it| it == n)
    }

    /// The lanes of a scenario that it means, where a selection has `lanes`.
    pub fn lanes(&self, lanes: &[Lane]) -> Vec<Lane> {
        match &self.lane {
            None => lanes.to_vec(),
            Some(LaneName::Lane(lane)) => vec![*lane],
            Some(pattern @ LaneName::Pattern(_)) => {
                let held = lanes.iter().filter(|it| pattern.holds(**it));
                held.copied().collect()
            }
        }
    }
}

impl LaneName {
    /// Whether a lane is meant; one without a seed stands for all of its seeds.
    pub fn holds(&self, lane: Lane) -> bool {
        match self {
            LaneName::Lane(meant) => [lane, lane.family()].contains(meant),
            LaneName::Pattern(pattern) => {
                let pattern = WildMatch::new(pattern);
                [lane, lane.family()]
                    .map(|it| it.to_string())
                    .iter()
                    .any(|it| pattern.matches(it))
            }
        }
    }
}

impl FromStr for Name {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Name, Problem> {
        let text = text.trim();
        let name = text.strip_prefix(PYTEST).unwrap_or(text);
        let wrong = |what: &str| {
            Problem::new(format!("`{text}` is no name of a case: {what}"))
                .next("write it as it is shown: life, life[native] or 'life [native] n=5000'")
        };
        let Some((scenario, rest)) = name.split_once('[') else {
            return Ok(Name::of(name));
        };
        let Some((lane, rest)) = rest.split_once(']') else {
            return Err(wrong("its bracket is not closed"));
        };
        let n = match rest.trim().trim_end_matches(':').strip_prefix("n=") {
            Some(number) => {
                let n = number.parse().ok().and_then(Scale::new);
                Some(n.ok_or_else(|| wrong("what stands after `n=` is no number from 1 up"))?)
            }
            None if rest.trim().is_empty() => None,
            None => return Err(wrong("something stands behind its lane that is no `n=`")),
        };
        let lane = match lane.contains(['*', '?']) {
            true => LaneName::Pattern(lane.to_owned()),
            false => LaneName::Lane(lane.parse().map_err(|why: Problem| wrong(why.what()))?),
        };
        Ok(Name {
            scenario: scenario.trim().to_owned(),
            lane: Some(lane),
            n,
        })
    }
}

impl fmt::Display for LaneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LaneName::Lane(lane) => lane.fmt(f),
            LaneName::Pattern(pattern) => f.write_str(pattern),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.scenario)?;
        if let Some(lane) = &self.lane {
            write!(f, "[{lane}]")?;
        }
        match self.n {
            Some(n) => write!(f, " n={n}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_is_read_as_it_is_shown() {
        let lane = |lane: Lane| Some(LaneName::Lane(lane));
        for (text, scenario, meant, n) in [
            ("life", "life", None, None),
            ("array-*", "array-*", None, None),
            ("life[native]", "life", lane(Lane::NATIVE), None),
            ("life [native]", "life", lane(Lane::NATIVE), None),
            (
                "stress::life[native+random]",
                "life",
                lane(Lane::NATIVE_RANDOM),
                None,
            ),
            (
                "life [native+random=7] n=40:",
                "life",
                lane(Lane::NATIVE_RANDOM.seeded(7)),
                Scale::new(40),
            ),
            (
                "life[native*]",
                "life",
                Some(LaneName::Pattern("native*".to_owned())),
                None,
            ),
        ] {
            let wanted = Name {
                scenario: scenario.to_owned(),
                lane: meant,
                n,
            };
            assert_eq!(name(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_told() {
        for (text, what) in [
            ("life[native", "its bracket is not closed"),
            ("life[turbo]", "there is no lane `turbo`"),
            ("life[native] n=x", "is no number from 1 up"),
            ("life[native] and more", "that is no `n=`"),
        ] {
            let why = text.parse::<Name>().unwrap_err();
            assert!(why.what().contains(what), "{why}");
            assert!(why.advice().is_some(), "{why}");
        }
    }

    #[test]
    fn a_lane_without_a_seed_stands_for_all_of_its_seeds() {
        let seeded = Lane::NATIVE_RANDOM.seeded(7);
        let held = |text: &str, lane: Lane| name(text).holds("life", lane, Scale::ONE);
        assert!(held("life[native+random]", seeded));
        assert!(held("*[native*]", seeded));
        assert!(!held("life[native+random=8]", seeded));
        assert!(!held("life[native]", seeded));
        assert!(!held("other[native+random]", seeded));
        assert!(!held("life[native+random] n=2", seeded));
        assert_eq!(
            name("life[native*]").lanes(&[Lane::REFERENCE, seeded]),
            [seeded]
        );
    }
}
