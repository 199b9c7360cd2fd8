//! Saved plans: `apply FILE` reads one that `plan --out` wrote. This module refuses a file that was changed. The workflow `apply`
//! refuses a plan that is stale.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;

use super::failure::Advised;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::model::catalog::AddOn;
use crate::model::plan::draft::Draft;
use crate::model::terms::EnvironmentId;
use crate::planning::identity;
use crate::report::saved::{self, SavedPlan};

/// The largest plan that is read, in bytes. A plan of 35,000 changes has about 30 MiB.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads a saved plan and compares its content with its digest.
///
/// # Errors
///
/// If the file cannot be read, is no plan, or was changed after it was saved.
pub(super) fn read(working_folder: &Path, path: &Path) -> anyhow::Result<SavedPlan> {
    let text = typed::open(working_folder, path).and_then(|file| file.text_up_to(LARGEST));
    let text = text.with_context(|| format!("the plan {} cannot be read", slashed(path)))?;
    let saved = saved::read_saved_plan(&text.text).with_context(|| format!("{} cannot be applied", slashed(path)))?;
    if identity::plan_id(saved.plan.draft())? != saved.id {
        return Err(Advised::error(
            format!("{} was changed after it was saved as plan {}", slashed(path), saved.id),
            "a saved plan must not change after its review; make a new one with `allot plan --out`",
        ));
    }
    Ok(saved)
}

/// The cells that a draft changes.
pub(super) fn cells(draft: &Draft) -> BTreeSet<(EnvironmentId, AddOn)> {
    let changes = draft.changes.iter();
    changes.map(|planned| (planned.environment.id.clone(), planned.change.add_on().clone())).collect()
}
