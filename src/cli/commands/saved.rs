//! Plans in files: written by `plan --out`, read by `apply FILE`, refused once what they touch has moved.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::exit::Advised;
use crate::files::typed;
use crate::model::catalog::AddOn;
use crate::model::finding::Allowance;
use crate::model::plan::order::{Plan, PlanId};
use crate::model::terms::EnvironmentId;
use crate::planning::identity;
use crate::report::saved::{self, SavedPlan};

/// The largest plan that is read, in bytes: one of 35,000 changes has about 30 MiB.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The text of a file for `apply`.
pub fn write(plan: &Plan, id: &PlanId, allowances: &[Allowance]) -> String {
    saved::saved_plan_json(plan, id, allowances)
}

/// Reads a file and holds its content against the name that it carries.
///
/// # Errors
///
/// Where it cannot be read, is no plan, or was changed after it was saved.
pub fn read(working_folder: &Path, path: &Path) -> anyhow::Result<SavedPlan> {
    let text = typed::open(working_folder, path).and_then(|file| file.text_up_to(LARGEST));
    let text = text.with_context(|| format!("the plan {} cannot be read", path.display()))?;
    let saved = saved::read_saved_plan(&text.text).with_context(|| format!("{} cannot be applied", path.display()))?;
    if identity::plan_id(saved.plan.draft()) != saved.id {
        return Err(Advised::error(
            format!("{} is not what was saved as plan {}", path.display(), saved.id),
            "a saved plan is applied as it was reviewed; make it again with `allot plan --out`",
        ));
    }
    Ok(saved)
}

/// The cells that a plan touches.
pub fn cells(plan: &Plan) -> BTreeSet<(EnvironmentId, AddOn)> {
    let cell = |planned: &crate::model::plan::change::PlannedChange| {
        (planned.environment.id.clone(), planned.change.add_on().clone())
    };
    plan.draft().changes.iter().map(cell).collect()
}
