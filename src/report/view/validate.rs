//! Whether the configuration is valid, and whether the tenant still matches it.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::FindingView;
use super::plan::{ChangeView, SettingView};
use crate::model::code::Code;
use crate::model::desired::Provider;
use crate::model::finding::{Finding, Severity};
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::source::Sources;

/// The result of a validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValidateVerdict {
    /// No errors and no warnings.
    Valid,
    /// Warnings, but no errors.
    ValidWithWarnings,
    /// At least one error.
    Invalid,
}

/// The answer of `validate`, and of every command whose configuration is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidateView {
    /// The result.
    pub verdict: ValidateVerdict,
    /// The tenant's name in the configuration; `null` if the configuration is invalid.
    pub tenant: Option<String>,
    /// The built-in tenant, or the service; `null` if the configuration is invalid.
    pub provider: Option<Provider>,
    /// The number of files that were read.
    pub files: u64,
    /// The number of environments that the files declare; `null` if it is unknown.
    pub environments: Option<u64>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
    /// The findings. Beyond the limits of `report::cap`, a finding counts the rest.
    pub findings: Vec<FindingView>,
}

impl ValidateView {
    /// The answer. The caller sets `tenant` and `provider` if they are known. Every source counts as a file that was read.
    pub fn new(
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
            verdict,
            tenant: None,
            provider: None,
            files: u64::try_from(sources.iter().count()).unwrap_or(u64::MAX),
            environments,
            not_checked: left_out.to_vec(),
            findings: FindingView::all(findings, sources),
        }
    }
}

/// The result of a drift check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftVerdict {
    /// The tenant matches the configuration.
    InSync,
    /// The check found no difference, but could not read everything that is declared.
    PartlyRead,
    /// The tenant differs from the configuration.
    Drifted,
}

/// The answer of `drift`: the changes that would make the tenant match the configuration again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftView {
    /// The result.
    pub verdict: DriftVerdict,
    /// The tenant's name in the configuration.
    pub tenant: String,
    /// The built-in tenant, or the service.
    pub provider: Provider,
    /// The day that the comparison is for.
    pub date: Date,
    /// Each cell that differs: `before` is in the tenant, `after` is declared.
    pub cells: Vec<ChangeView>,
    /// Who may allocate, if that differs.
    pub setting: Option<SettingView>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
    /// The findings. Beyond the limits of `report::cap`, a finding counts the rest.
    pub findings: Vec<FindingView>,
}

/// Whether a finding says that something declared could not be compared: its value could not be read, or its environment is missing.
fn is_unread(finding: &Finding) -> bool {
    finding.code == Code::A410 || (finding.code == Code::A403 && finding.is_error())
}

impl DriftView {
    /// The answer, from the plan that would undo the drift.
    pub fn new(draft: &Draft, findings: &[Finding], sources: &Sources) -> DriftView {
        DriftView {
            verdict: match (draft.is_empty(), findings.iter().any(is_unread)) {
                (false, _) => DriftVerdict::Drifted,
                (true, true) => DriftVerdict::PartlyRead,
                (true, false) => DriftVerdict::InSync,
            },
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
