//! What becomes of a plan where another branch is merged first: which pools are shorter for it.

use jiff::civil::Date;

use super::headroom::{self, Lack};
use super::words::amount;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::plan::{Draft, FuturePool, PlannedPool};
use crate::model::terms::Units;

/// A warning for each pool that is short with other branches and less so, or not at all, without them. `ours` is the plan alone,
/// `together` that of what all make together; `merged` says what is merged, as in "`sales` merges".
pub fn shortages(desired: &DesiredState, ours: &Draft, merged: &str, together: &Draft) -> Vec<Finding> {
    let shortage = |pool: &PlannedPool| {
        let alone = ours.pools.iter().find(|ours| ours.pool == pool.pool);
        let (point, short, of_reserve) = worse(pool, alone, ours.date)?;
        let name = pool.pool.display_name();
        let when = if point.from > ours.date { format!(" from {}", point.from) } else { String::new() };
        let what = if of_reserve {
            format!("{name} would break into the reserve by {}{when}", amount(short))
        } else {
            format!("{name} would be short by {}{when}", amount(short))
        };
        let owned = point.owned.unwrap_or_default();
        let finding = Finding::warning(Code::A211, format!("{what} if {merged} before this"))
            .at_if(headroom::largest_increase(desired, ours, &pool.pool), "takes from it here")
            .note(format!("{} owned, {} allocated by both together", amount(owned), amount(point.allocated)));
        Some(finding.help("agree with whoever proposes the other, or buy more before both are merged"))
    };
    together.pools.iter().filter_map(shortage).collect()
}

/// The first moment at which both together lack more than this plan alone, and how much they lack then.
fn worse(together: &PlannedPool, alone: Option<&PlannedPool>, date: Date) -> Option<(FuturePool, Units, bool)> {
    points(together, date).into_iter().find_map(|point| {
        let lack = Lack::of(&point)?;
        let (short, of_reserve) = (lack.short, lack.of_reserve);
        let then = alone.and_then(|pool| points(pool, date).into_iter().rfind(|ours| ours.from <= point.from));
        let before = then.as_ref().and_then(Lack::of);
        let is_worse = before.is_none_or(|before| match (of_reserve, before.of_reserve) {
            (false, true) => true,
            (true, false) => false,
            _ => short > before.short,
        });
        is_worse.then_some((point, short, of_reserve))
    })
}

/// A pool today and on every later day on which something changes.
fn points(pool: &PlannedPool, date: Date) -> Vec<FuturePool> {
    let today =
        FuturePool { from: date, owned: pool.owned.units(), reserve: pool.reserve, allocated: pool.allocated_after };
    std::iter::once(today).chain(pool.future.iter().cloned()).collect()
}

#[cfg(test)]
mod tests;
