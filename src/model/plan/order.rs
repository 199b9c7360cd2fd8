//! The plan: a draft, and an order of its writes in which no write raises a pool above its ceiling.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use crate::model::catalog::Pool;
use crate::model::terms::{EnvironmentId, Units};

/// One write: the changes of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The environment.
    pub environment: EnvironmentId,
    /// Indexes into [`Draft::changes`], ascending.
    pub changes: Vec<usize>,
}

/// Why an order of steps is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// A write would raise a pool above its ceiling.
    #[error("after write {step}, {pool} would hold {held}, and its ceiling is {ceiling}")]
    Overdraws {
        /// The number of the write, from 1.
        step: usize,
        /// The pool.
        pool: Pool,
        /// The units that the pool would hold.
        held: Units,
        /// The units that the pool may hold.
        ceiling: Units,
    },
    /// A change is in no step, in two, or in one of another environment.
    #[error("change {0} is not in exactly one write of its own environment")]
    Misplaced(usize),
    /// A change affects a pool that the draft lacks.
    #[error("a change affects the pool {0}, which the plan does not list")]
    UnknownPool(Pool),
}

/// A draft and its writes, in an order in which no write raises a pool above its ceiling. [`Plan::try_new`] refuses any other order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "PlanParts")]
pub struct Plan {
    draft: Draft,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlanParts {
    draft: Draft,
    steps: Vec<Step>,
}

impl TryFrom<PlanParts> for Plan {
    type Error = OrderError;

    fn try_from(parts: PlanParts) -> Result<Plan, OrderError> {
        Plan::try_new(parts.draft, parts.steps)
    }
}

impl Plan {
    /// Makes a plan. Replays the steps, so it does not rely on the caller for the order.
    ///
    /// # Errors
    ///
    /// If a step would raise a pool above its ceiling, or if the steps do not contain every change exactly once.
    pub fn try_new(draft: Draft, steps: Vec<Step>) -> Result<Plan, OrderError> {
        let mut held: BTreeMap<&Pool, (u64, Units)> =
            draft.pools.iter().map(|pool| (&pool.pool, (pool.allocated_before.get(), pool.ceiling()))).collect();
        let mut seen = vec![false; draft.changes.len()];
        for (number, step) in (1..).zip(&steps) {
            let mut held_before: BTreeMap<Pool, u64> = BTreeMap::new();
            for &index in &step.changes {
                let planned = draft.changes.get(index).ok_or(OrderError::Misplaced(index))?;
                let first_time = seen.get_mut(index).is_some_and(|seen| !std::mem::replace(seen, true));
                if !first_time || planned.environment.id != step.environment {
                    return Err(OrderError::Misplaced(index));
                }
                let pool = planned.change.add_on().pool();
                let (now, _) = held.get_mut(&pool).ok_or_else(|| OrderError::UnknownPool(pool.clone()))?;
                held_before.entry(pool).or_insert(*now);
                // `allocated_before` includes every document, so the subtraction cannot saturate. If it did, the total would be too high,
                // and the plan would be refused.
                *now = now
                    .saturating_sub(planned.change.units_before().get())
                    .saturating_add(planned.change.after().units.get());
            }
            for (pool, before) in held_before {
                let Some(&(now, ceiling)) = held.get(&pool) else { continue };
                if now > before && now > ceiling.get() {
                    return Err(OrderError::Overdraws { step: number, pool, held: Units::new(now), ceiling });
                }
            }
        }
        match seen.iter().position(|seen| !seen) {
            Some(missing) => Err(OrderError::Misplaced(missing)),
            None => Ok(Plan { draft, steps }),
        }
    }

    /// The draft, without the order of the writes.
    pub fn into_draft(self) -> Draft {
        self.draft
    }

    /// The draft.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The writes, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// The id of a plan: the first 16 bytes of a SHA-256 of its content, as 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub String);

impl fmt::Display for PlanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
