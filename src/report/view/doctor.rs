//! How the tool reaches a tenant, which operations are permitted there, and how to fix what does not work.

use serde::Serialize;

use crate::model::words::words;

words! {
    /// The result of one check. The order is from best to worst.
    pub enum Health {
        /// The check passed.
        Ok = "ok",
        /// There is no result: the check was not run, the tenant reports no value, or only a write could show it.
        Unknown = "unknown",
        /// The check passed, with a reservation.
        Warning = "warning",
        /// The check failed.
        Failed = "failed",
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckUp {
    /// The subject of the check.
    pub subject: &'static str,
    /// The result.
    pub health: Health,
    /// Details of the result.
    pub detail: String,
    /// What to do next, if anything can be done.
    pub help: Option<String>,
}

/// A fact about how the tenant is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The name of the fact.
    pub subject: &'static str,
    /// The value. Never a secret.
    pub value: String,
}

/// The answer of `doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DoctorView {
    /// The worst health of all checks.
    pub verdict: Health,
    /// How the tenant is reached.
    pub facts: Vec<Fact>,
    /// The checks, in the order of the report. If the sign-in fails, the others are not run.
    pub checks: Vec<CheckUp>,
}

impl DoctorView {
    /// The answer, with the worst health of `checks` as its verdict.
    pub fn new(facts: Vec<Fact>, checks: Vec<CheckUp>) -> DoctorView {
        let verdict = checks.iter().map(|check| check.health).max().unwrap_or(Health::Ok);
        DoctorView { verdict, facts, checks }
    }
}
