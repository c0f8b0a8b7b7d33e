//! The command that runs a case again.

use std::path::{Path, PathBuf};

use super::history::FILE;
use super::{Listed, Recorded, Summary};
pub use crate::case::quoted;
use crate::case::{Case, Chance, Engine, Lane, Scale, Value};
use crate::judge::Verdict;
use crate::scale::climb::ClimbLimits;
use crate::scenario::{FailureKind, Scenario};

/// What a command that runs a case of a run again must say beside the case.
#[derive(Clone, Copy, Debug)]
pub struct Again<'a> {
    /// What stood after `--vera`.
    pub vera: &'a str,
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// Whether the built-in ones are left out.
    pub without_built_in: bool,
    /// The seed of the run.
    pub seed: u64,
    /// Whether known limits are taken for failures.
    pub ignores_known: bool,
    /// The scenarios, as far as they are known: what a program is given is said.
    pub scenarios: &'a [Scenario],
}

/// How a program that was made of another one shows what it does.
pub struct Showing<'a> {
    /// Whether it takes a reduction to see it, and no run shows it.
    pub by_reduce: bool,
    /// In these lanes.
    pub lanes: &'a [Lane],
    /// What it is called with.
    pub n: Scale,
    /// Whether it is held against its twins.
    pub with_twins: bool,
    /// Whether it fails only since what must come of it is said.
    pub says_what_must_come: bool,
    /// The folder whose files it has, where it would look in another.
    pub files: Option<&'a Path>,
}

impl Again<'_> {
    /// The command for a case at scale `n`, where this is what came of it.
    ///
    /// The lane holds the seed of its collections; the run's own is named where
    /// the program asked for random numbers. Where two engines differ, it takes
    /// both of them to see it.
    pub fn command(&self, case: &Case, n: Scale, came: Option<(Verdict, Chance)>) -> String {
        let differ = |(verdict, _)| verdict == Verdict::Failed(FailureKind::EnginesDiffer);
        let disagree = came.is_some_and(|(it, _)| it == Verdict::Failed(FailureKind::LanesDiffer));
        let partner = case.lane.partner().filter(|_| came.is_some_and(differ));
        let partner = partner.map_or(String::new(), |lane| format!(",{lane}"));
        let mut words = vec![
            "vera-stress run".to_owned(),
            self.subject(&case.scenario, Some(n)),
            format!("--lane {}{partner}", lanes(case, disagree)),
        ];
        words.extend(self.scale(&case.scenario, n));
        let twin = came.is_some_and(|(it, _)| it == Verdict::Failed(FailureKind::TwinDiffers));
        if twin {
            words.push("--twins".to_owned());
        }
        let drew = came.is_some_and(|(_, chance)| chance.random);
        if case.lane.engine == Engine::Native && drew {
            words.push(format!("--seed {}", self.seed));
        }
        self.finish(words)
    }

    /// The command that makes the program of a case at scale `n` small while it fails
    /// as it does; `None` of what is told from several n.
    pub fn reduce(&self, case: &Case, n: Scale, verdict: Verdict) -> Option<String> {
        let Verdict::Failed(kind) = verdict else {
            return None;
        };
        if kind == FailureKind::Growth {
            return None;
        }
        let disagree = kind == FailureKind::LanesDiffer;
        let mut words = vec![
            "vera-stress reduce".to_owned(),
            self.subject(&case.scenario, Some(n)),
            format!("--lane {}", lanes(case, disagree)),
        ];
        words.extend(self.scale(&case.scenario, n));
        let again = Again {
            ignores_known: false,
            ..*self
        };
        Some(again.finish(words))
    }

    /// The command that shows what was made of a program, and runs as it does.
    pub fn program(&self, path: &Path, of: &Scenario, showing: &Showing<'_>) -> String {
        let verb = if showing.by_reduce { "reduce" } else { "run" };
        let mut words = vec![format!(
            "vera-stress {verb} {}",
            quoted(&path.display().to_string())
        )];
        if let Some(stand_in) = &of.stand_in {
            words.extend(stand_in.options.iter().cloned());
        }
        if showing.says_what_must_come {
            words.extend(what_must_come(of, showing.n));
        }
        if let Some(files) = showing.files {
            words.push(format!("--files={}", quoted(&files.display().to_string())));
        }
        let lanes: Vec<String> = showing.lanes.iter().map(ToString::to_string).collect();
        words.push(format!("--lane {} --scale {}", lanes.join(","), showing.n));
        if showing.with_twins {
            words.push("--twins".to_owned());
        }
        self.finish(words)
    }

    /// The command that shows the program of a number, and runs it.
    pub fn fuzz(&self, number: u64, focus: Option<&str>) -> String {
        let mut words = vec![format!(
            "vera-stress fuzz --seed {} --first {number} --programs 1",
            self.seed
        )];
        words.extend(focus.map(|it| format!("--focus {it}")));
        self.finish(words)
    }

    /// The command that runs a smallest program, in its folder.
    pub fn smallest(&self, n: Option<Scale>, lane: Lane) -> String {
        let mut words = vec!["vera-stress run program.vera".to_owned()];
        words.extend(n.map(|n| format!("--arg {n}")));
        words.push(format!("--lane {lane}"));
        self.finish(words)
    }

    /// The command that drives the heap again.
    pub fn heap(&self) -> String {
        self.finish(vec![format!(
            "vera-stress fuzz --heap --seed {}",
            self.seed
        )])
    }

    /// The command for a climb with a scenario, under these options.
    pub fn climb(&self, scenario: &str, lane: Lane, options: &[String]) -> String {
        let lane = match lane {
            Lane::NATIVE => String::new(),
            other => format!(" --lane {other}"),
        };
        let mut words = vec![format!(
            "vera-stress climb {}{lane}",
            self.subject(scenario, None)
        )];
        words.extend(options.iter().cloned());
        self.finish(words)
    }

    /// What stands for a scenario in a command: its name, or a program with what it is
    /// given, and at its own n what must come of it.
    fn subject(&self, scenario: &str, n: Option<Scale>) -> String {
        let known = self.scenario(scenario);
        let mut words = vec![quoted(scenario)];
        if let Some((known, program)) = known.and_then(|it| Some((it, it.stand_in.as_ref()?))) {
            words.extend(program.options.iter().cloned());
            if n == Some(known.n) || !known.takes_scale() {
                words.extend(program.says.iter().cloned());
            }
        }
        words.join(" ")
    }

    /// The words for the n of a case; `None` where its program takes none.
    fn scale(&self, scenario: &str, n: Scale) -> Option<String> {
        let takes = self.scenario(scenario).is_none_or(Scenario::takes_scale);
        takes.then(|| format!("--scale {n}"))
    }

    fn scenario(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|it| it.name == name)
    }

    /// A command with what every one of the run says.
    fn finish(&self, mut words: Vec<String>) -> String {
        if self.ignores_known {
            words.push("--ignore-known".to_owned());
        }
        words.push(format!("--vera {}", quoted(self.vera)));
        for catalogue in self.catalogues {
            words.push(format!(
                "--catalogue {}",
                quoted(&catalogue.display().to_string())
            ));
        }
        if self.without_built_in {
            words.push("--no-builtin".to_owned());
        }
        words.join(" ")
    }
}

/// The lane of a case; where lanes disagree, behind the one that it was held against.
fn lanes(case: &Case, disagree: bool) -> String {
    match disagree && case.lane != Lane::REFERENCE {
        true => format!("{},{}", Lane::REFERENCE, case.lane),
        false => case.lane.to_string(),
    }
}

/// The commands that list what of a run is told by its causes, or in its numbers only.
pub fn listed(recorded: &Recorded, summary: &Summary) -> Listed {
    let rest = [
        (summary.known, Verdict::Known.name()),
        (summary.unsupported, Verdict::Unsupported.name()),
        (summary.refused, Verdict::Refused.name()),
        (summary.not_run, Verdict::NotRun.name()),
    ];
    let rest: Vec<&str> = rest
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(_, name)| name)
        .collect();
    Listed {
        failed: (summary.failed > 0).then(|| listing(recorded, &["failed"])),
        rest: (!rest.is_empty()).then(|| listing(recorded, &rest)),
    }
}

/// The command that lists what a recorded run came to: what is called so, or all.
pub fn listing(recorded: &Recorded, only: &[&str]) -> String {
    let mut words = vec![format!("vera-stress history --run {}", recorded.run)];
    if !only.is_empty() {
        words.push(format!("--only {}", only.join(",")));
    }
    if recorded.history != Path::new(FILE) {
        let file = recorded.history.display().to_string();
        words.push(format!("--history {}", quoted(&file)));
    }
    words.join(" ")
}

/// The options that have a climb go as far as this one may.
pub fn climb_options(limits: &ClimbLimits, seed: u64) -> Vec<String> {
    let wall = humantime::format_duration(limits.time).to_string();
    vec![
        format!("--budget {}", wall.replace(' ', "")),
        format!("--memory {}B", limits.memory.0),
        format!("--instructions {}", limits.instructions.0),
        format!("--seed {seed}"),
    ]
}

/// What must come of a scenario's program at n, in words for a program by its path.
fn what_must_come(scenario: &Scenario, n: Scale) -> Vec<String> {
    if let Some(stand_in) = &scenario.stand_in {
        return stand_in.says.clone();
    }
    let expected = scenario.oracle.at(n).ok();
    let value = expected.and_then(|it| it.value().cloned());
    let arg = scenario.takes_scale().then(|| format!("--arg={n}"));
    let value = value.map(|it| match it {
        Value::Text(text) => format!("--value={}", quoted(&text)),
        other => format!("--value={other}"),
    });
    arg.into_iter().chain(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_names_the_verdicts_and_a_history_that_is_elsewhere() {
        let mut recorded = Recorded {
            run: 12,
            history: PathBuf::from(FILE),
        };
        let verdicts = [Verdict::Pass, Verdict::Known, Verdict::NotRun];
        let wrong = Verdict::Failed(FailureKind::Wrong);
        let commands = |more| {
            let summary = Summary::of(verdicts.into_iter().chain(more));
            listed(&recorded, &summary)
        };
        let rest = "vera-stress history --run 12 --only known,not-run".to_owned();
        let failed = "vera-stress history --run 12 --only failed".to_owned();
        let both = commands(Some(wrong));
        assert_eq!((both.failed, both.rest), (Some(failed), Some(rest.clone())));
        let only = commands(None);
        assert_eq!((only.failed, only.rest), (None, Some(rest)));
        let none = listed(&recorded, &Summary::of([Verdict::Pass]));
        assert_eq!(none, Listed::default());
        recorded.history = PathBuf::from("my runs.db");
        assert_eq!(
            listing(&recorded, &[]),
            "vera-stress history --run 12 --history 'my runs.db'"
        );
    }

    #[test]
    fn the_seed_of_a_run_is_named_where_chance_had_a_part() {
        let catalogues = [PathBuf::from("my catalogue")];
        let again = Again {
            vera: "0.2.5",
            catalogues: &catalogues,
            without_built_in: false,
            seed: 9,
            ignores_known: false,
            scenarios: &[],
        };
        let command = |lane: Lane, verdict: FailureKind, random: bool| {
            let case = Case {
                scenario: "dice".to_owned(),
                lane,
                scale: Scale::ONE,
            };
            let chance = Chance { random, time: true };
            let came = Some((Verdict::Failed(verdict), chance));
            again.command(&case, Scale::new(40).unwrap(), came)
        };
        let lane = Lane::NATIVE_RANDOM.seeded(7);
        assert_eq!(
            command(lane, FailureKind::Wrong, true),
            "vera-stress run dice --lane native+random=7 --scale 40 --seed 9 --vera 0.2.5 --catalogue 'my catalogue'"
        );
        for (lane, random) in [(lane, false), (Lane::REFERENCE, true)] {
            assert!(!command(lane, FailureKind::Wrong, random).contains("--seed"));
        }
        for (lane, lanes) in [
            (Lane::NATIVE_EAGER, "--lane native+eager,reference+eager "),
            (lane, "--lane native+random=7 "),
        ] {
            let command = command(lane, FailureKind::EnginesDiffer, false);
            assert!(command.contains(lanes), "{command}");
        }
    }
}
