//! The types that all checks of a pool share: the pool with its context, and the shortage of a day.

use jiff::civil::Date;

use super::rooms::Rooms;
use crate::model::catalog::Pool;
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::forecast::Holder;
use crate::model::observed::ObservedState;
use crate::model::plan::pool::FuturePool;
use crate::model::source::Span;
use crate::model::terms::Units;
use crate::planning::entry::Entry;
use crate::planning::forecast;
use crate::planning::words::amount;

/// The number of largest holders that a finding shows.
pub(super) const SHOWN_HOLDERS: usize = 4;

/// The units that a pool lacks on a day.
pub(in crate::planning) struct Shortage<'a> {
    pub(super) point: &'a FuturePool,
    pub(super) owned: Units,
    /// The units that the pool lacks for the allocated units and the reserve together: `-free`.
    pub(in crate::planning) short: Units,
    /// The allocated units above those owned: what a debt covers. Zero if only the reserve is short.
    pub(super) excess: Units,
    /// Whether only the reserve is short: the allocated units fit.
    pub(in crate::planning) of_reserve: bool,
}

impl Shortage<'_> {
    /// The shortage of a day; `None` if there is none, or if it is unknown how much is owned.
    pub(in crate::planning) fn of(point: &FuturePool) -> Option<Shortage<'_>> {
        let owned = point.owned?;
        let short = u64::try_from(-point.free()?).ok().filter(|short| *short > 0)?;
        let excess = point.allocated.remaining_after(owned);
        // If nothing is owned and nothing is allocated, a missing reserve is no shortage.
        let is_idle = owned.is_zero() && excess.is_zero();
        (!is_idle).then_some(Shortage { point, owned, short: Units::new(short), excess, of_reserve: excess.is_zero() })
    }
}

/// The severity of a shortage that begins on a day: an error today and within the days of the rule, a warning later.
pub(super) fn severity(desired: &DesiredState, today: Date, begins: Date) -> Severity {
    if begins <= today {
        return Severity::Error;
    }
    let days = today.until(begins).map_or(i64::MAX, |span| i64::from(span.get_days()));
    let limit = desired.rules.fail_before_expiry_days.map(|limit| i64::from(limit.value));
    if limit.is_some_and(|limit| days <= limit) { Severity::Error } else { Severity::Warning }
}

pub(super) struct PoolCheck<'a> {
    pub(super) desired: &'a DesiredState,
    pub(super) observed: Option<&'a ObservedState>,
    pub(super) pool: &'a Pool,
    pub(super) date: Date,
    /// The amount that the plan raises most in the pool, if any.
    pub(super) largest_increase: Option<Entry<'a>>,
    pub(super) rooms: &'a Rooms<'a>,
}

impl PoolCheck<'_> {
    pub(super) fn name(&self) -> String {
        self.pool.display_name()
    }

    /// The line of the plan's largest increase in the pool, if any.
    pub(super) fn increased_at(&self) -> Option<Span> {
        self.largest_increase.map(|entry| entry.cell.amount_span())
    }

    /// The amount that a shortage is about: what the plan raises most, if it raises the pool. Without a plan,
    /// the largest amount for a shortage of today, and none for a later one.
    pub(super) fn entry(&self, is_today: bool) -> Option<Entry<'_>> {
        match self.rooms.growth(self.pool) {
            Some(growth) => self.largest_increase.filter(|_| growth > 0),
            None => {
                let holder = forecast::holders(self.desired, self.observed, self.pool, self.date).into_iter().next();
                self.entry_of(&holder.filter(|_| is_today)?, self.date)
            }
        }
    }

    /// The largest amount of a holder.
    fn entry_of(&self, holder: &Holder, date: Date) -> Option<Entry<'_>> {
        Entry::largest(self.desired.environments.get(&holder.environment)?, self.pool, date)
    }

    /// Adds advice: the most units to write while a figure that could not be read is unknown.
    pub(super) fn until_known(&self, finding: Finding) -> Finding {
        let fit = self.largest_increase.and_then(|entry| self.rooms.fit(entry, true));
        match fit.and_then(|fit| fit.label()) {
            Some(most) => finding.help(format!("until it is known, {most} here")),
            None => finding,
        }
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
            let entry = self.entry_of(holder, date);
            let span = entry.map(|entry| entry.cell.amount_span()).or(holder.span);
            if let Some(span) = span.filter(|span| Some(*span) != primary) {
                let most = entry.and_then(|entry| self.rooms.fit(entry, false)).and_then(|fit| fit.label());
                finding = finding.see(span, [label(holder)].into_iter().chain(most).collect::<Vec<_>>().join("; "));
            }
        }
        finding
    }
}

fn label(holder: &Holder) -> String {
    let holds = format!("{} holds {}", holder.environment, amount(holder.units));
    let used = match (holder.consumed, holder.per_month) {
        (_, Some(month)) => format!("{holds}, uses {} a month at this rate", amount(month)),
        (Some(consumed), None) => format!("{holds}, uses {}", amount(consumed)),
        (None, None) => return holds,
    };
    match holder.can_give_back {
        Some(spare) if !spare.is_zero() => format!("{used}, can give back {}", amount(spare)),
        _ => used,
    }
}
