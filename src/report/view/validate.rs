//! Whether the configuration is in order, and whether the tenant still holds what it says.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::{FORMAT_VERSION, FindingView};
use super::plan::{ChangeView, SettingView};
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::{Finding, Severity};
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::source::Sources;

/// What a validation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValidateVerdict {
    /// In order.
    Valid,
    /// In order, and there is something to know.
    ValidWithWarnings,
    /// Not in order.
    Invalid,
}

/// The answer of `validate`, and of every command whose configuration is not in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidateView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that asked.
    pub command: CommandName,
    /// What it comes to.
    pub verdict: ValidateVerdict,
    /// What the configuration calls the tenant; `null` where it is not in order.
    pub tenant: Option<String>,
    /// Where the tenant lives: the built-in one, or the service; `null` where the configuration is not in order.
    pub provider: Option<Provider>,
    /// How many files were read.
    pub files: u64,
    /// How many environments they declare; `null` where that could not be told.
    pub environments: Option<u64>,
    /// What it did not look at.
    pub not_checked: Vec<NotChecked>,
    /// Everything that was found.
    pub findings: Vec<FindingView>,
}

impl ValidateView {
    /// The answer. Every source counts as a file that was read.
    pub fn new(
        command: CommandName,
        findings: &[Finding],
        sources: &Sources,
        environments: Option<u64>,
        left_out: &[NotChecked],
    ) -> ValidateView {
        let worst = findings.iter().map(|finding| finding.severity).max();
        let verdict = match worst {
            Some(Severity::Error) => ValidateVerdict::Invalid,
            Some(Severity::Warning) => ValidateVerdict::ValidWithWarnings,
            Some(Severity::Hint) | None => ValidateVerdict::Valid,
        };
        ValidateView {
            format_version: FORMAT_VERSION,
            command,
            verdict,
            tenant: None,
            provider: None,
            files: u64::try_from(sources.iter().count()).unwrap_or(u64::MAX),
            environments,
            not_checked: left_out.to_vec(),
            findings: FindingView::all(findings, sources),
        }
    }

    /// The same, with the tenant that the configuration is for.
    #[must_use]
    pub fn of_tenant(self, tenant: &str, provider: Provider) -> ValidateView {
        ValidateView { tenant: Some(tenant.to_owned()), provider: Some(provider), ..self }
    }
}

/// What a drift check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftVerdict {
    /// The tenant holds what the configuration says.
    InSync,
    /// It holds something else.
    Drifted,
}

/// The answer of `drift`: the changes that would bring the tenant back to what is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that asked: `drift`.
    pub command: CommandName,
    /// What it comes to.
    pub verdict: DriftVerdict,
    /// What the configuration calls the tenant.
    pub tenant: String,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// The day that it is compared for.
    pub date: Date,
    /// Each cell that differs: `before` is what the tenant holds, `after` what is declared.
    pub cells: Vec<ChangeView>,
    /// Who may allocate, where that differs.
    pub setting: Option<SettingView>,
    /// What it did not look at.
    pub not_checked: Vec<NotChecked>,
    /// Everything that was found.
    pub findings: Vec<FindingView>,
}

impl DriftView {
    /// The answer, from the plan that would undo the drift.
    pub fn new(draft: &Draft, findings: &[Finding], sources: &Sources) -> DriftView {
        DriftView {
            format_version: FORMAT_VERSION,
            command: CommandName::Drift,
            verdict: if draft.is_empty() { DriftVerdict::InSync } else { DriftVerdict::Drifted },
            tenant: draft.tenant.clone(),
            provider: draft.provider,
            date: draft.date,
            cells: draft.changes.iter().map(ChangeView::new).collect(),
            setting: draft.setting.as_ref().map(SettingView::new),
            not_checked: draft.not_checked.clone(),
            findings: FindingView::all(findings, sources),
        }
    }
}
