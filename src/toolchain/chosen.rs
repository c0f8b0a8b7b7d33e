//! Why it is this Vera that is used.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why it is this Vera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Chosen {
    /// The command names it.
    Named,
    /// The configuration file names it.
    Configured,
    /// It is the checkout that the working directory lies in.
    Checkout,
    /// It is what the active virtual environment has.
    Environment,
    /// It is the default release: there is neither a checkout nor an environment.
    Pinned,
    /// It is the release before the one that is compared with it.
    Before,
}

impl Chosen {
    /// The written form, the same wherever it is recorded.
    pub fn name(self) -> &'static str {
        match self {
            Chosen::Named => "named",
            Chosen::Configured => "configured",
            Chosen::Checkout => "checkout",
            Chosen::Environment => "environment",
            Chosen::Pinned => "pinned",
            Chosen::Before => "before",
        }
    }

    /// The reason in a few words, for the head of a run.
    pub fn words(self) -> &'static str {
        match self {
            Chosen::Named => "as asked",
            Chosen::Configured => "as configured",
            Chosen::Checkout => "the checkout here",
            Chosen::Environment => "of the active environment",
            Chosen::Pinned => "the default, as no other is here",
            Chosen::Before => "the release before",
        }
    }

    /// What a version is called beside others, with the reason where its name stands
    /// nowhere else.
    pub fn beside(self, name: &str) -> String {
        match self {
            Chosen::Named => name.to_owned(),
            _ => format!("{name} [{}]", self.words()),
        }
    }
}
