//! A table `[[guards]]`.

use std::cmp::Ordering;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::values::{line, paragraph};
use crate::case::{Problem, Scale, VeraVersion};
use crate::scenario::guard::{Guard, Proof, ProvenOn, Symptom};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    issue: Option<u32>,
    #[serde(deserialize_with = "line")]
    class: String,
    #[serde(deserialize_with = "paragraph")]
    history: String,
    #[serde(default, deserialize_with = "symptoms")]
    fails_as: Vec<Symptom>,
    fails_on: Option<String>,
    fixed_in: Option<String>,
    #[serde(default)]
    repo: bool,
    n: Option<Scale>,
    unproven: Option<String>,
}

impl<'de> Deserialize<'de> for Guard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Guard, D::Error> {
        let mut keys = Keys::deserialize(deserializer)?;
        let proof = keys.proof().map_err(D::Error::custom)?;
        Ok(Guard {
            issue: keys.issue,
            class: keys.class,
            history: keys.history,
            fails_as: keys.fails_as,
            proof,
        })
    }
}

fn symptoms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Symptom>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let symptoms = texts.iter().map(|text| text.parse());
    symptoms
        .collect::<Result<_, Problem>>()
        .map_err(D::Error::custom)
}

impl Keys {
    fn proof(&mut self) -> Result<Option<Proof>, String> {
        let unproven = self.unproven.take().map(|it| it.trim().to_owned());
        let Some(fails_on) = self.fails_on.take() else {
            let alone = [
                ("fixed_in", self.fixed_in.is_some()),
                ("repo", self.repo),
                ("n", self.n.is_some()),
            ];
            if let Some((key, _)) = alone.iter().find(|(_, is_there)| *is_there) {
                return Err(format!(
                    "`{key}` of a guard goes with `fails_on`, a version that has the bug; write that, or take `{key}` out"
                ));
            }
            if unproven.as_ref().is_some_and(String::is_empty) {
                return Err("`unproven` is empty; write why nothing shows that the scenario notices the bug".to_owned());
            }
            return Ok(unproven.map(|unproven| Proof::Unproven { unproven }));
        };
        if unproven.is_some() {
            return Err(
                "a guard has either `fails_on` or `unproven`; take one of them out".to_owned(),
            );
        }
        let on = ProvenOn {
            fails_on,
            fixed_in: self.fixed_in.take(),
            repo: self.repo,
            n: self.n,
        };
        on.check()?;
        Ok(Some(Proof::Versions(on)))
    }
}

impl ProvenOn {
    fn check(&self) -> Result<(), String> {
        let is_version = |text: &str| match self.repo {
            // git would take what begins with a dash for an option.
            true => !text.is_empty() && !text.starts_with('-'),
            false => text.starts_with(|c: char| c.is_ascii_digit()),
        };
        let versions = [Some(&self.fails_on), self.fixed_in.as_ref()];
        if let Some(text) = versions.into_iter().flatten().find(|it| !is_version(it)) {
            return Err(format!(
                "`{text}` is no release; write one such as \"0.1.13\", or a tag of Vera's repository such as \"v0.0.132\" with `repo = true`"
            ));
        }
        let Some(fixed) = &self.fixed_in else {
            return Ok(());
        };
        let version = |text: &str| VeraVersion::new(text.trim_start_matches('v'));
        if version(&self.fails_on).order(&version(fixed)) != Ordering::Less {
            return Err(format!(
                "`fixed_in` = {fixed} is not later than `fails_on` = {}; write the version with the bug first, and then the one without",
                self.fails_on
            ));
        }
        Ok(())
    }
}
