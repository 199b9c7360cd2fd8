//! The effect on a plan if another branch is merged first: warnings about pools and budgets that run short.

use jiff::civil::Date;

use super::check::headroom;
use super::check::pool_check::Shortage;
use super::words::amount;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::plan::draft::Draft;
use crate::model::plan::pool::{FuturePool, PlannedPool};
use crate::model::terms::Units;

/// Warnings about pools that are shorter if other branches are merged first. `ours` is the plan alone, `together` the
/// plan of all branches. `merged` completes the message "… if {merged} before this branch", for example
/// "`sales` merges".
pub fn shortages(desired: &DesiredState, ours: &Draft, merged: &str, together: &Draft) -> Vec<Finding> {
    let shortage = |pool: &PlannedPool| {
        let alone = ours.pools.iter().find(|ours| ours.pool == pool.pool);
        let warning = |of_reserve| {
            let (point, short) = worse(pool, alone, ours.date, of_reserve)?;
            let name = pool.pool.display_name();
            let when = if point.from > ours.date { format!(" from {}", point.from) } else { String::new() };
            let units = if short.get() == 1 { "unit" } else { "units" };
            let what = if of_reserve {
                format!("{name} would use {} {units} of the reserve{when}", amount(short))
            } else {
                format!("{name} would be short by {}{when}", amount(short))
            };
            let owned = point.owned.unwrap_or_default();
            let finding = Finding::warning(Code::A211, format!("{what} if {merged} before this branch"))
                .at_if(headroom::largest_increase(desired, ours, &pool.pool), "takes from this pool")
                .note(format!(
                    "{} owned, {} allocated by all branches together",
                    amount(owned),
                    amount(point.allocated)
                ));
            Some(finding.help("agree with the authors of the other branches, or buy more before all are merged"))
        };
        // On one day, a pool is short either of units or only of its reserve, so the two warnings are about different days.
        let (short, reserve) = (warning(false), warning(true));
        reserve.into_iter().chain(short)
    };
    together.pools.iter().flat_map(shortage).collect()
}

/// The first day on which all branches together are short by more than this plan alone, and the whole shortage of all
/// branches on that day. With `of_reserve`, only days on which the reserve alone is short; without, only days on which
/// owned units are short.
fn worse(
    together: &PlannedPool,
    alone: Option<&PlannedPool>,
    date: Date,
    of_reserve: bool,
) -> Option<(FuturePool, Units)> {
    points(together, date).into_iter().find_map(|point| {
        let shortage = Shortage::of(&point).filter(|shortage| shortage.of_reserve == of_reserve)?;
        let short = shortage.short;
        let then = alone.and_then(|pool| points(pool, date).into_iter().rfind(|ours| ours.from <= point.from));
        let before = then.as_ref().and_then(Shortage::of);
        let is_worse = before.is_none_or(|before| match (of_reserve, before.of_reserve) {
            (false, true) => true,
            (true, false) => false,
            _ => short > before.short,
        });
        is_worse.then_some((point, short))
    })
}

/// A warning for each budget that all branches together exceed and this plan alone does not. `alone` are the findings
/// of this plan, `together` those of the plan of all branches. `merged` is as in [`shortages`].
pub fn budgets(alone: &[Finding], together: &[Finding], merged: &str) -> Vec<Finding> {
    let exceeded = together.iter().filter(|finding| finding.code == Code::A204);
    let new =
        exceeded.filter(|finding| !alone.iter().any(|ours| ours.code == Code::A204 && ours.message == finding.message));
    let warn = |finding: &Finding| {
        let warning = Finding::warning(Code::A211, format!("{} if {merged} before this branch", finding.message));
        warning.help("agree with the authors of the other branches, or raise the limit")
    };
    new.map(warn).collect()
}

fn points(pool: &PlannedPool, date: Date) -> Vec<FuturePool> {
    let today =
        FuturePool { from: date, owned: pool.owned.units(), reserve: pool.reserve, allocated: pool.allocated_after };
    std::iter::once(today).chain(pool.future.iter().cloned()).collect()
}

#[cfg(test)]
mod tests;
