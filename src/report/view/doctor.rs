//! How a tenant is reached, what may be done there, and what to do about what may not.

use serde::Serialize;

use super::basics::FORMAT_VERSION;
use crate::model::command::CommandName;

/// How something that was tried went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Health {
    /// It is as it should be.
    Ok,
    /// It cannot be told without doing it.
    Unknown,
    /// It works, and something about it is worth a thought.
    Warning,
    /// It does not work.
    Failed,
}

impl Health {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Unknown => "unknown",
            Health::Warning => "warning",
            Health::Failed => "failed",
        }
    }
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckUp {
    /// What.
    pub subject: &'static str,
    /// How it went.
    pub health: Health,
    /// What came of it.
    pub detail: String,
    /// What to do next, where something can be done.
    pub help: Option<String>,
}

/// A fact about how the tenant is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub subject: &'static str,
    /// Its value. Never a secret.
    pub value: String,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DoctorView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command.
    pub command: CommandName,
    /// The worst of all.
    pub verdict: Health,
    /// How the tenant is reached.
    pub facts: Vec<Fact>,
    /// What was tried, in the order in which it is needed.
    pub checks: Vec<CheckUp>,
}

impl DoctorView {
    /// From what was found.
    pub fn new(facts: Vec<Fact>, checks: Vec<CheckUp>) -> DoctorView {
        let verdict = checks.iter().map(|check| check.health).max().unwrap_or(Health::Ok);
        DoctorView { format_version: FORMAT_VERSION, command: CommandName::Doctor, verdict, facts, checks }
    }
}
