//! The room in pools and budgets on every date, and the most units that one entry may have in all of them together.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::budget_use::BudgetUse;
use crate::model::catalog::{AddOn, Pool};
use crate::model::finding::Finding;
use crate::model::forecast::PoolForecast;
use crate::model::plan::draft::Draft;
use crate::model::plan::pool::{FuturePool, PlannedPool};
use crate::model::terms::{BudgetKey, Units};
use crate::planning::entry::Entry;
use crate::planning::words::{amount, thousands};

/// The free units of a pool or a budget on each date. A negative number is a shortage.
struct Room {
    free: Vec<(Date, i128)>,
    /// The units that the plan adds; `None` without a plan.
    growth: Option<i128>,
}

/// The rooms that limit an entry.
pub(super) struct Rooms<'a> {
    date: Date,
    pools: BTreeMap<Pool, Room>,
    budgets: BTreeMap<(&'a BudgetKey, &'a AddOn), Room>,
}

/// Far below every amount, and yet so high that sums with an amount do not overflow.
const NOTHING: i128 = i128::MIN / 4;

impl<'a> Rooms<'a> {
    /// The rooms by the declared amounts and purchases alone.
    pub(super) fn declared(date: Date, pools: &[PoolForecast], budgets: &[BudgetUse<'a>]) -> Rooms<'a> {
        let room = |pool: &PoolForecast| {
            (pool.pool.clone(), Room { free: pool.points.iter().filter_map(free).collect(), growth: None })
        };
        Rooms { date, pools: pools.iter().map(room).collect(), budgets: in_budgets(budgets) }
    }

    /// The rooms after a plan.
    pub(super) fn planned(draft: &Draft, budgets: &[BudgetUse<'a>]) -> Rooms<'a> {
        let room = |pool: &PlannedPool| {
            let owned = pool.owned.at_least().difference(pool.reserve) - i128::from(pool.allocated_after.get());
            // Units that are allocated and not seen may fill the pool.
            let today = if pool.unseen.is_some() { owned } else { NOTHING };
            let free = std::iter::once((draft.date, today)).chain(pool.future.iter().filter_map(free)).collect();
            (pool.pool.clone(), Room { free, growth: Some(pool.allocated_after.difference(pool.allocated_before)) })
        };
        Rooms { date: draft.date, pools: draft.pools.iter().map(room).collect(), budgets: in_budgets(budgets) }
    }

    /// The units that the plan adds to a pool; `None` without a plan.
    pub(super) fn growth(&self, pool: &Pool) -> Option<i128> {
        self.pools.get(pool)?.growth
    }

    /// The most units that an entry may have on every date. With `kept`, a pool or a budget may keep the units that it
    /// held before the plan, even if it is short. `None` if nothing that is known limits the entry.
    pub(super) fn fit<'e>(&'e self, entry: Entry<'e>, kept: bool) -> Option<Fit<'e>> {
        let declared = i128::from(entry.cell.units?.value.get());
        let budget = entry.environment.budget.as_ref().map(|budget| &budget.value);
        let in_budget = budget.and_then(|key| Some((Some(key), self.budgets.get(&(key, entry.add_on))?)));
        let in_pool = self.pools.get(&entry.add_on.pool()).map(|room| (None, room));
        let bounds = in_pool.into_iter().chain(in_budget).flat_map(|(budget, room)| {
            let growth = room.growth.filter(|_| kept);
            room.free.iter().map(move |(day, free)| {
                let before = growth.map(|growth| -growth).filter(|before| before > free);
                Bound { budget, day: *day, free: *free, growth: before.map(|before| -before) }
            })
        });
        let tightest = bounds.min_by_key(|bound| (bound.limit(), bound.day))?;
        let most = u64::try_from(declared + tightest.limit()).ok().map(Units::new);
        Some(Fit { entry, most, tightest, today: self.date })
    }
}

fn in_budgets<'a>(budgets: &[BudgetUse<'a>]) -> BTreeMap<(&'a BudgetKey, &'a AddOn), Room> {
    let room = |used: &BudgetUse<'a>| {
        let free = used.held.iter().map(|(day, held)| (*day, used.limit.on(*day).difference(*held))).collect();
        ((used.key, used.add_on), Room { free, growth: used.growth })
    };
    budgets.iter().map(room).collect()
}

fn free(point: &FuturePool) -> Option<(Date, i128)> {
    Some((point.from, point.free()?))
}

/// What limits an entry: the pool or its budget, on a day.
#[derive(Clone, Copy, Debug)]
struct Bound<'a> {
    budget: Option<&'a BudgetKey>,
    day: Date,
    free: i128,
    /// The units that the plan adds. Only set if the pool or budget is short on this day even without the plan, and may
    /// keep what it held before.
    growth: Option<i128>,
}

impl Bound<'_> {
    fn limit(&self) -> i128 {
        self.growth.map_or(self.free, |growth| -growth)
    }
}

/// The most units that an entry may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit<'a> {
    entry: Entry<'a>,
    /// `None` if the others hold too much already.
    most: Option<Units>,
    tightest: Bound<'a>,
    today: Date,
}

impl Fit<'_> {
    /// The number as a clause, for the end of a message about a budget or, with `None`, about a pool.
    pub(super) fn words(&self, about: Option<&BudgetKey>) -> String {
        let key = &self.entry.environment.key.value;
        let place = if self.entry.cell.grants().is_empty() {
            key.to_string()
        } else {
            format!("{key} in addition to its grants")
        };
        match self.most {
            None => format!("no amount fits in {place}{}", self.from()),
            Some(most) if self.tightest.growth.is_some() => {
                let worse = match (self.tightest.budget, about) {
                    (None, None) => "the shortage".to_owned(),
                    (None, Some(_)) => "the shortage of the pool".to_owned(),
                    (Some(_), Some(_)) => "the excess".to_owned(),
                    (Some(budget), None) => format!("the excess of the budget {budget}"),
                };
                format!("more than {} in {place} increases {worse}", amount(most))
            }
            Some(most) => format!("at most {} fits in {place} on every date", amount(most)),
        }
    }

    /// The number to write; `None` if no amount fits.
    pub(super) fn number(&self) -> Option<Units> {
        self.most
    }

    /// The number for the entry of a holder, beside what it holds; `None` if no amount fits.
    pub(super) fn label(&self) -> Option<String> {
        self.most.map(|most| format!("at most {} fits", amount(most)))
    }

    /// Adds what to write. Also adds the tightest day or budget, if the finding is about another one.
    pub(super) fn explain(&self, finding: Finding, about: Option<&BudgetKey>, day: Date) -> Finding {
        let Bound { budget, day: tightest, free, growth } = self.tightest;
        let finding = match (growth, budget) {
            _ if free <= NOTHING => finding,
            (Some(growth), _) => {
                finding.note(format!("short by {}{} without this plan", thousands(-(free + growth)), self.from()))
            }
            (None, Some(key)) if budget != about || tightest != day => finding.note(format!(
                "the tightest limit: the budget {key} is exceeded by {}{}",
                thousands(-free),
                self.from()
            )),
            (None, None) if budget != about || tightest != day => {
                let of = if about.is_some() { " of the pool" } else { "" };
                finding.note(format!("the largest shortage{of}: {}{}", thousands(-free), self.from()))
            }
            (None, _) => finding,
        };
        finding.help(match self.most {
            Some(most) => format!("write {most} here, give units back elsewhere, or {}", more(about)),
            None => format!("lower this amount, give units back elsewhere, or {}", more(about)),
        })
    }

    fn from(&self) -> String {
        let day = self.tightest.day;
        if day > self.today { format!(" from {day}") } else { String::new() }
    }
}

/// How to get more units.
fn more(budget: Option<&BudgetKey>) -> &'static str {
    if budget.is_some() { "agree on a higher limit with the owner of the budget" } else { "buy more" }
}

#[cfg(test)]
mod tests;
