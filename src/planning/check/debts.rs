//! Over-allocated pools. Existing over-allocation is a warning. A plan may raise it only within the declared debt.

use super::pool_check::{PoolCheck, Shortage};
use crate::model::catalog::Pool;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::plan::pool::PlannedPool;
use crate::model::source::Located;
use crate::model::terms::Units;
use crate::planning::forecast::forecast;
use crate::planning::words::{amount, be};

impl PoolCheck<'_> {
    /// The declared debt of the pool.
    pub(super) fn debt(&self) -> Units {
        self.desired.debt(self.pool)
    }

    /// Points at the declared debt, if there is one.
    pub(super) fn see_debt(&self, finding: Finding) -> Finding {
        match self.desired.debts.get(self.pool) {
            Some(debt) => finding.see(debt.span, format!("a debt of {}", amount(debt.value))),
            None => finding,
        }
    }

    /// A warning about a shortage that the plan does not make worse.
    pub(super) fn over_allocation(&self, pool: &PlannedPool, shortage: &Shortage<'_>) -> Finding {
        let finding = self.short(shortage).note(format!(
            "allocated {} now, {} after this plan",
            amount(pool.allocated_before),
            amount(pool.allocated_after)
        ));
        let finding = self.with_holders(self.see_debt(finding), self.date);
        let finding = match self.largest_increase {
            Some(_) if shortage.excess > self.debt() => finding.note(format!(
                "if the tenant refuses over-allocation, it accepts only the decreases in this pool; `debts: {{ {}: {} }}` \
                 declares the excess as a debt, which the built-in tenant accepts",
                self.pool,
                shortage.excess.get()
            )),
            _ => finding,
        };
        finding.help("give units back, or buy more; until then, a plan can move units but not add any")
    }

    /// A warning about a shortage that the declared debt covers, without a tenant.
    pub(super) fn covered(&self, shortage: &Shortage<'_>) -> Finding {
        let finding = self.see_debt(self.short(shortage));
        let finding = self.with_holders(finding, self.date);
        finding.help("give units back, or buy more; lower the debt with every unit that is given back")
    }

    fn short(&self, shortage: &Shortage<'_>) -> Finding {
        let name = self.name();
        let message = format!("{name} {} already short by {}", be(&name), amount(shortage.short));
        Finding::warning(Code::A207, message)
            .at_if(self.purchased_at(self.date), format!("owned {}", amount(shortage.owned)))
    }

    /// An error about a plan that raises the pool above the owned units, within the declared debt. `--allow A207:POOL`
    /// permits it, so that an interrupted move can be finished or undone.
    pub(super) fn raised_within_debt(&self, pool: &PlannedPool, shortage: &Shortage<'_>) -> Finding {
        let (name, short) = (self.name(), amount(shortage.short));
        let fit = self.largest_increase.and_then(|entry| self.rooms.fit(entry, true));
        let fits = fit.map_or_else(String::new, |fit| format!("; {}", fit.words(None)));
        let message = format!("{name} would be short by {short}, within the declared debt{fits}");
        let finding = Finding::error(Code::A207, message).at_if(self.increased_at(), "raises the pool").note(format!(
            "owned {}, allocated {} now, {} after this plan",
            amount(shortage.owned),
            amount(pool.allocated_before),
            amount(pool.allocated_after)
        ));
        let finding = self.with_holders(self.see_debt(finding), self.date);
        let lower = fit
            .and_then(|fit| fit.number())
            .map_or("lower this amount".to_owned(), |most| format!("write {most} here"));
        finding
            .help(format!("{lower}; or allow this error, to finish or undo an interrupted move"))
            .allowable(self.pool.to_string())
    }
}

/// A hint for each debt that is higher than the plan needs. None for a plan of some environments, or if it is unknown what a pool holds.
pub(super) fn higher_than_needed(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    if desired.debts.is_empty() || !draft.targets.is_empty() {
        return Vec::new();
    }
    let wanted = forecast(desired, Some(observed), draft.date);
    let hint = |(pool, debt): (&Pool, &Located<Units>)| {
        let planned =
            draft.pool(pool).filter(|planned| planned.unseen.is_some() && planned.unknown_environments == 0)?;
        let wanted = wanted.iter().find(|wanted| wanted.pool == *pool)?.points.first()?.allocated;
        let needed = planned.allocated_after.max(wanted).remaining_after(planned.owned.units()?);
        if debt.value <= needed {
            return None;
        }
        let message = format!("the debt of {} is higher than needed", pool.display_name());
        let finding = Finding::hint(Code::A207, message).at(debt.span, format!("needed: {}", amount(needed)));
        Some(finding.help(match needed.get() {
            0 => "delete it".to_owned(),
            needed => format!("write {needed}"),
        }))
    };
    desired.debts.iter().filter_map(hint).collect()
}

#[cfg(test)]
mod tests;
