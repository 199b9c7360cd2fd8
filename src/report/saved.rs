//! A plan in a file, with everything that `apply FILE` needs.

use serde::{Deserialize, Serialize};

use super::json::{FORMAT_VERSION, document};
use crate::model::plan::order::{Plan, PlanId};

const DOCUMENT: &str = "allotment-plan";

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedPlan {
    /// The plan's id as the file states it. The caller checks it against the content.
    pub id: PlanId,
    /// The plan.
    pub plan: Plan,
}

/// Why a file cannot be read as a saved plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// The file ends too early, at this line.
    #[error("the file is incomplete: it ends in the middle of the plan, at line {0}")]
    Truncated(usize),
    /// The file is something else, for this reason.
    #[error("the file is not a saved plan: {0}")]
    NotAPlan(String),
    /// The file is in this version of the format, which only another version of the tool reads.
    #[error("the plan was saved in format {0}, and this version reads {FORMAT_VERSION} only; make the plan again")]
    WrongVersion(String),
    /// The content contradicts itself, as happens when the file is edited by hand.
    #[error("the plan was changed after it was saved: {0}; make the plan again")]
    Damaged(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    document: &'static str,
    plan_id: &'a PlanId,
    plan: &'a Plan,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedDocument {
    #[serde(rename = "formatVersion")]
    _format_version: String,
    #[serde(rename = "document")]
    _document: String,
    plan_id: PlanId,
    plan: Plan,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedHead {
    format_version: Option<String>,
    document: Option<String>,
}

/// A plan as JSON that [`read_saved_plan`] reads back exactly.
pub fn saved_plan_json(plan: &Plan, id: &PlanId) -> String {
    document(None, &Written { document: DOCUMENT, plan_id: id, plan })
}

/// Reads what [`saved_plan_json`] wrote.
///
/// # Errors
///
/// If the text ends too early, is no saved plan, has another version, or contradicts itself.
pub fn read_saved_plan(text: &str) -> Result<SavedPlan, SavedPlanError> {
    let head: SavedHead = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() && text.trim_start().starts_with('{') {
            SavedPlanError::Truncated(error.line())
        } else if text.trim().is_empty() {
            SavedPlanError::NotAPlan("it is empty".to_owned())
        } else {
            SavedPlanError::NotAPlan(error.to_string())
        }
    })?;
    match (head.document.as_deref(), head.format_version) {
        (Some(DOCUMENT), Some(version)) if version == FORMAT_VERSION => {}
        (Some(DOCUMENT), Some(found)) => return Err(SavedPlanError::WrongVersion(found)),
        (Some(DOCUMENT), None) => return Err(SavedPlanError::NotAPlan("it has no `formatVersion`".to_owned())),
        _ => {
            let why = format!("`document` is not {DOCUMENT:?}; a plan to apply is saved with `allot plan --out FILE`");
            return Err(SavedPlanError::NotAPlan(why));
        }
    }
    let read: SavedDocument = serde_json::from_str(text).map_err(|error| SavedPlanError::Damaged(error.to_string()))?;
    Ok(SavedPlan { id: read.plan_id, plan: read.plan })
}

#[cfg(test)]
mod tests;
