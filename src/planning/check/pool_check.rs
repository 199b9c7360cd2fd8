//! The types that all checks of a pool share: the pool with its context, and the shortage of a day.

use jiff::civil::Date;

use crate::model::catalog::Pool;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::forecast::Holder;
use crate::model::observed::ObservedState;
use crate::model::plan::pool::FuturePool;
use crate::model::source::Span;
use crate::model::terms::Units;
use crate::planning::forecast;
use crate::planning::words::amount;

/// The number of largest holders that a finding shows.
pub(super) const SHOWN_HOLDERS: usize = 4;

/// The units that a pool lacks on a day.
pub(in crate::planning) struct Shortage<'a> {
    pub(super) point: &'a FuturePool,
    pub(super) owned: Units,
    pub(in crate::planning) short: Units,
    /// Whether only the reserve is short: the allocated units fit.
    pub(in crate::planning) of_reserve: bool,
}

impl Shortage<'_> {
    /// The shortage of a day; `None` if there is none, or if it is unknown how much is owned.
    pub(in crate::planning) fn of(point: &FuturePool) -> Option<Shortage<'_>> {
        let owned = point.owned?;
        let of_reserve = point.allocated <= owned;
        let wanted = if of_reserve { [point.allocated, point.reserve].into_iter().sum() } else { point.allocated };
        let short = wanted.checked_sub(owned).filter(|short| !short.is_zero())?;
        Some(Shortage { point, owned, short, of_reserve })
    }
}

pub(super) struct PoolCheck<'a> {
    pub(super) desired: &'a DesiredState,
    pub(super) observed: Option<&'a ObservedState>,
    pub(super) pool: &'a Pool,
    pub(super) date: Date,
    /// The line of the plan's largest increase in the pool, if any.
    pub(super) largest_increase: Option<Span>,
}

impl PoolCheck<'_> {
    pub(super) fn name(&self) -> String {
        self.pool.display_name()
    }

    /// The line of the purchase that is in force on a day, else of the purchase that ended last before it, else of any.
    pub(super) fn purchased_at(&self, date: Date) -> Option<Span> {
        let declared = || self.pool.members().into_iter().filter_map(|member| self.desired.purchased.get(&member));
        let parts = || declared().flat_map(|purchases| &purchases.parts);
        let in_force = parts().find(|part| part.interval.contains(date)).map(|part| part.span);
        let ended = || {
            parts()
                .filter(|part| part.interval.until.is_some_and(|until| until < date))
                .max_by_key(|part| part.interval.until)
        };
        in_force.or_else(|| ended().map(|part| part.span)).or_else(|| declared().next().map(|purchases| purchases.span))
    }

    pub(super) fn with_holders(&self, mut finding: Finding, date: Date) -> Finding {
        let primary = finding.primary.as_ref().map(|label| label.span);
        let holders = forecast::holders(self.desired, self.observed, self.pool, date);
        for holder in holders.iter().take(SHOWN_HOLDERS) {
            if let Some(span) = holder.span.filter(|span| Some(*span) != primary) {
                finding = finding.see(span, label(holder));
            }
        }
        finding
    }
}

fn label(holder: &Holder) -> String {
    let holds = format!("{} holds {}", holder.environment, amount(holder.units));
    match (holder.consumed, holder.can_give_back) {
        (Some(consumed), Some(spare)) if !spare.is_zero() => {
            format!("{holds}, uses {}, can give back {}", amount(consumed), amount(spare))
        }
        (Some(consumed), _) => format!("{holds}, uses {}", amount(consumed)),
        _ => holds,
    }
}
