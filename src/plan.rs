//! Which cases a run consists of.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

use serde::Deserialize;
use wildmatch::WildMatch;

use crate::case::{Case, Lane, Problem, Scale};
use crate::scenario::Scenario;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Patterns of scenario names; all where there is none.
    pub names: Vec<String>,
    /// Names of axes; all where there is none.
    pub axes: Vec<String>,
    /// Issue numbers or words of a bug class; all where there is none.
    pub guards: Vec<String>,
    /// Tags; all scenarios where there is none.
    pub tags: Vec<String>,
    /// The lanes.
    pub lanes: Vec<Lane>,
    /// The seed of lanes that want one and name none.
    pub seed: u64,
    /// The scale.
    pub scale: ScaleChoice,
    /// The share of the cases.
    pub partition: Option<Partition>,
}

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
        match self {
            ScaleChoice::Fixed(scale) => scale,
            ScaleChoice::Times(factor) => {
                let n = (scenario.scale_in(lane).get() as f64 * factor).round();
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

/// The k-th of n shares of the cases, written `k/n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Which share, from 1.
    pub part: usize,
    /// How many shares there are.
    pub of: usize,
}

impl FromStr for Partition {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Partition, Problem> {
        text.split_once('/')
            .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)))
            .filter(|(part, of)| (1..=*of).contains(part))
            .map(|(part, of)| Partition { part, of })
            .ok_or_else(|| {
                Problem::new(format!(
                    "`{text}` is no partition; write k/n with k from 1 to n, such as 2/4"
                ))
            })
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// The cases that a selection means, by scenario and lane. Empty only where a
/// partition has more shares than there are cases.
pub fn plan(scenarios: &[Scenario], selection: &Selection) -> Result<Vec<Case>, Problem> {
    for name in &selection.names {
        let pattern = WildMatch::new(name);
        if !scenarios
            .iter()
            .any(|scenario| pattern.matches(&scenario.name))
        {
            let what = format!("no scenario is called `{name}`");
            return Err(Problem::new(what).next(nearest(name, scenarios)));
        }
    }
    let mut cases: Vec<Case> = scenarios
        .iter()
        .filter(|scenario| selection.holds(scenario))
        .flat_map(|scenario| {
            let lanes = selection.lanes.iter();
            lanes
                .map(|lane| lane.seeded(selection.seed))
                .map(|lane| Case {
                    scenario: scenario.name.clone(),
                    lane,
                    scale: selection.scale.of(scenario, lane),
                })
        })
        .collect();
    if cases.is_empty() {
        return Err(Problem::new("no case matches these filters together")
            .next("leave one out; `vera-stress list` shows names, axes, guards and tags"));
    }
    cases.sort();
    cases.dedup();
    if let Some(Partition { part, of }) = selection.partition {
        // What must come to the same result on both engines stays together.
        let pair = |case: &Case| {
            let lane = case
                .lane
                .partner()
                .map_or(case.lane, |it| it.min(case.lane));
            (case.scenario.clone(), lane, case.scale)
        };
        let pairs: BTreeSet<_> = cases.iter().map(pair).collect();
        let held: HashSet<_> = pairs.into_iter().skip(part - 1).step_by(of).collect();
        cases.retain(|case| held.contains(&pair(case)));
    }
    Ok(cases)
}

impl Selection {
    /// Whether a scenario is meant.
    pub fn holds(&self, scenario: &Scenario) -> bool {
        let any = |wanted: &[String], test: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|text| test(text))
        };
        any(&self.names, &|name| {
            WildMatch::new(name).matches(&scenario.name)
        }) && any(&self.axes, &|axis| {
            WildMatch::new(axis).matches(&scenario.axis)
        }) && any(&self.guards, &|guard| is_guarded(scenario, guard))
            && any(&self.tags, &|tag| scenario.tags.iter().any(|it| it == tag))
    }
}

/// Whether a scenario guards an issue (`570`, `#570`) or a class of bugs (any
/// part of its name).
fn is_guarded(scenario: &Scenario, wanted: &str) -> bool {
    let number = wanted.trim_start_matches('#').parse::<u32>().ok();
    scenario.guards.iter().any(|guard| match number {
        Some(number) => guard.issue == Some(number),
        None => guard.class.to_lowercase().contains(&wanted.to_lowercase()),
    })
}

/// What to try instead of a name that nothing has.
pub fn nearest(name: &str, scenarios: &[Scenario]) -> String {
    let close = scenarios
        .iter()
        .map(|scenario| (strsim::jaro_winkler(name, &scenario.name), &scenario.name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match close {
        Some((_, likely)) => format!("did you mean `{likely}`? `vera-stress list` shows all names"),
        None => "`vera-stress list` shows all names".to_owned(),
    }
}

/// The names of cases as tests, such as `life[native+random]`.
///
/// Tests are followed by their names, so a seed, which is another each day, stays
/// out of them where it does not tell two cases apart.
pub fn test_names<'a>(cases: impl Iterator<Item = (&'a str, Lane)> + Clone) -> Vec<String> {
    let mut same: HashMap<(&str, Lane), usize> = HashMap::new();
    for (scenario, lane) in cases.clone() {
        *same.entry((scenario, lane.family())).or_default() += 1;
    }
    let name = |(scenario, lane): (&'a str, Lane)| {
        let family = lane.family();
        let lane = match same[&(scenario, family)] {
            1 => family,
            _ => lane,
        };
        format!("{scenario}[{lane}]")
    };
    cases.map(name).collect()
}

/// Today as a number, 20261121 for the 21st of November 2026: the same for all
/// who run on one day (in UTC), and another tomorrow.
pub fn seed_of_today() -> u64 {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let [year, month, day] = [
        i64::from(today.year()),
        today.month().into(),
        today.day().into(),
    ];
    u64::try_from(10_000 * year + 100 * month + day)
        .expect("a clock that stands before the year 0 cannot be set")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::catalogue::Catalogue;

    fn selection() -> Selection {
        Selection {
            names: vec![],
            axes: vec![],
            guards: vec![],
            tags: vec![],
            lanes: vec![Lane::REFERENCE, Lane::REFERENCE_EAGER, Lane::NATIVE],
            seed: 0,
            scale: ScaleChoice::Times(1.0),
            partition: None,
        }
    }

    fn built_in() -> Vec<Scenario> {
        Catalogue::load(&[] as &[&str]).scenarios
    }

    #[test]
    fn partitions_share_all_cases_out() {
        let scenarios = built_in();
        let all = plan(&scenarios, &selection()).unwrap();
        let part = |part| {
            let partition = Some(Partition { part, of: 3 });
            let selection = Selection {
                partition,
                ..selection()
            };
            plan(&scenarios, &selection).unwrap()
        };
        let mut joined: Vec<Case> = (1..=3).flat_map(part).collect();
        joined.sort();
        assert_eq!(joined, all);
        for part in (1..=3).map(part) {
            assert!(
                part.len() > all.len() / 5,
                "{} of {}",
                part.len(),
                all.len()
            );
            // Whoever has a partner has it in the same share.
            for case in &part {
                let partner = case.lane.partner().map(|lane| Case {
                    lane,
                    ..case.clone()
                });
                let partner = partner.filter(|it| all.contains(it));
                assert!(partner.is_none_or(|it| part.contains(&it)), "{case}");
            }
        }
        assert!(
            ["0/3", "4/3", "1", "a/b", "1/0"]
                .iter()
                .all(|text| text.parse::<Partition>().is_err())
        );
    }

    #[test]
    fn a_lane_without_a_seed_gets_that_of_the_run() {
        let lanes = |seed| -> Vec<String> {
            let selection = Selection {
                names: vec!["life".to_owned()],
                lanes: ["native+random", "native+random=5", "native"]
                    .map(|lane| lane.parse().unwrap())
                    .to_vec(),
                seed,
                ..selection()
            };
            let cases = plan(&built_in(), &selection).unwrap();
            cases.iter().map(|case| case.lane.to_string()).collect()
        };
        assert_eq!(lanes(9), ["native", "native+random=5", "native+random=9"]);
        assert_eq!(lanes(5), ["native", "native+random=5"]);
    }

    #[test]
    fn scales_are_numbers_or_multiples() {
        assert_eq!(
            "5_000".parse(),
            Ok(ScaleChoice::Fixed(Scale::new(5000).unwrap()))
        );
        assert_eq!("x0.5".parse(), Ok(ScaleChoice::Times(0.5)));
        for wrong in ["0", "-1", "x0", "x-1", "xinf", "many", ""] {
            assert!(wrong.parse::<ScaleChoice>().is_err(), "{wrong}");
        }
        let scenarios = built_in();
        let tiny = ScaleChoice::Times(1e-9).of(&scenarios[0], Lane::REFERENCE);
        assert_eq!(tiny, Scale::ONE);
    }

    #[test]
    fn guards_are_found_by_number_and_by_words() {
        let scenarios = built_in();
        let names = |guard: &str| -> Vec<String> {
            let guards = vec![guard.to_owned()];
            let selection = Selection {
                guards,
                ..selection()
            };
            let held = scenarios
                .iter()
                .filter(|scenario| selection.holds(scenario));
            held.map(|scenario| scenario.name.clone()).collect()
        };
        assert!(names("#570").contains(&"array-map-int".to_owned()));
        assert_eq!(names("570"), names("#570"));
        assert!(names("SHADOW-STACK").contains(&"array-map-int".to_owned()));
        assert!(names("99999").is_empty());
    }

    #[test]
    fn a_name_that_nothing_has_gets_a_suggestion() {
        let names = vec!["aray-map-int".to_owned()];
        let error = plan(
            &built_in(),
            &Selection {
                names,
                ..selection()
            },
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("did you mean `array-map-int`?"),
            "{error}"
        );
    }
}
