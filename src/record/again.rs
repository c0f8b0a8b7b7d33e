//! The command that runs a case again.

use std::path::PathBuf;

use crate::case::{Case, Engine, Measures, Scale};

/// What a command that runs a case of a run again must say beside the case.
#[derive(Clone, Copy, Debug)]
pub struct Again<'a> {
    /// What stood after `--vera`.
    pub vera: &'a str,
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// The seed of the run.
    pub seed: u64,
}

impl Again<'_> {
    /// The command for a case at scale `n`. The lane holds the seed of its
    /// collections; the run's own is named where the program asked for chance.
    pub fn command(&self, case: &Case, n: Scale, measures: Option<&Measures>) -> String {
        let mut words = vec![
            "vera-stress run".to_owned(),
            case.scenario.clone(),
            format!("--lane {} --scale {n}", case.lane),
        ];
        if case.lane.engine == Engine::Native && measures.is_some_and(asks_for_chance) {
            words.push(format!("--seed {}", self.seed));
        }
        words.push(format!("--vera {}", quoted(self.vera)));
        for catalogue in self.catalogues {
            words.push(format!(
                "--catalogue {}",
                quoted(&catalogue.display().to_string())
            ));
        }
        words.join(" ")
    }
}

/// Whether a program used Vera's `Random` effect.
fn asks_for_chance(measures: &Measures) -> bool {
    measures
        .host_calls
        .iter()
        .any(|(name, times)| name.starts_with("random_") && *times > 0)
}

/// A word that a shell takes as it is.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Lane;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("../vera-0.2+x"), "../vera-0.2+x");
        assert_eq!(quoted("my vera"), "'my vera'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn the_seed_of_a_run_is_named_where_chance_had_a_part() {
        let catalogues = [PathBuf::from("my catalogue")];
        let again = Again {
            vera: "0.2.5",
            catalogues: &catalogues,
            seed: 9,
        };
        let command = |lane: Lane, calls: &[(&str, u64)]| {
            let case = Case {
                scenario: "dice".to_owned(),
                lane,
                scale: Scale::ONE,
            };
            let host_calls = calls.iter().map(|&(name, times)| (name.to_owned(), times));
            let measures = Measures {
                host_calls: host_calls.collect(),
                ..Measures::default()
            };
            again.command(&case, Scale::new(40).unwrap(), Some(&measures))
        };
        let lane = Lane::NATIVE_RANDOM.seeded(7);
        assert_eq!(
            command(lane, &[("random_int", 3)]),
            "vera-stress run dice --lane native+random=7 --scale 40 --seed 9 --vera 0.2.5 --catalogue 'my catalogue'"
        );
        for (lane, calls) in [
            (lane, &[("print", 3)]),
            (lane, &[("random_int", 0)]),
            (Lane::REFERENCE, &[("random_int", 3)]),
        ] {
            assert!(!command(lane, calls).contains("--seed"));
        }
    }
}
