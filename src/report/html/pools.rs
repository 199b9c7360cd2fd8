//! The table of pools: a gauge and the numbers now, after the plan, and from every later day on.

use jiff::civil::Date;

use super::gauge::GaugeDrawing;
use crate::report::marks;
use crate::report::number::{number, signed};
use crate::report::safe::html::name;
use crate::report::view::forecast::PoolForecastView;
use crate::report::view::pool::{FutureLevel, Level, OwnedView, PoolView};
use crate::report::view::status::GaugeView;

/// A pool, with a row for each moment.
pub(super) struct PoolRows {
    pub(super) name: String,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<LevelRow>,
}

/// The level at one moment.
pub(super) struct LevelRow {
    pub(super) when: &'static str,
    pub(super) date: Option<Date>,
    pub(super) gauge: GaugeDrawing,
    pub(super) mark: &'static str,
    pub(super) level: Level,
    pub(super) difference: Option<String>,
}

/// The caption for a plan.
pub(super) const PLANNED: &str = "What is allocated of what is owned, now, after this plan, and on later days";
/// The caption for an apply.
pub(super) const REACHED: &str = "What is allocated of what is owned, before this run, now, and on later days";

/// The caption for a status or a forecast.
pub(super) const STATUS: &str = "What is allocated of what is owned, now and on later days";

/// The pools of a status, with what is used.
pub(super) fn gauges(gauges: &[GaugeView]) -> Vec<PoolRows> {
    let rows = |gauge: &GaugeView| PoolRows {
        name: name(&gauge.pool.name).into_owned(),
        notes: owned_notes(&gauge.purchased)
            .into_iter()
            .chain(marks::unseen(gauge.unknown_environments, gauge.unseen))
            .chain(marks::consumed(&gauge.consumed).map(|used| name(&used).into_owned()))
            .collect(),
        rows: levels(&gauge.level, &gauge.future),
    };
    gauges.iter().map(rows).collect()
}

/// The pools of a forecast.
pub(super) fn forecast(pools: &[PoolForecastView]) -> Vec<PoolRows> {
    let rows = |pool: &PoolForecastView| {
        let (first, later) = pool.points.split_first()?;
        Some(PoolRows {
            name: name(&pool.pool.name).into_owned(),
            notes: Vec::new(),
            rows: levels(&first.level, later),
        })
    };
    pools.iter().filter_map(rows).collect()
}

fn levels(now: &Level, later: &[FutureLevel]) -> Vec<LevelRow> {
    let later = later.iter().map(|future| LevelRow { date: Some(future.from), ..row("From", &future.level) });
    std::iter::once(row("Now", now)).chain(later).collect()
}

/// The pools of a plan. If the allocation of one does not change, `both` names its only row.
pub(super) fn planned<'a>(pools: impl Iterator<Item = &'a PoolView>, both: &'static str) -> Vec<PoolRows> {
    pools.map(|view| pool(view, ["Now", "After", both])).collect()
}

/// The only row of a pool that stays as it is.
pub(super) const SAME: &str = "Now and after";

/// The pools after an apply.
pub(super) fn reached<'a>(pools: impl Iterator<Item = &'a PoolView>) -> Vec<PoolRows> {
    pools.map(|view| pool(view, ["Before", "Now", "Now"])).collect()
}

/// A pool before and after; one row if the allocation does not change.
fn pool(pool: &PoolView, [first, second, both]: [&'static str; 3]) -> PoolRows {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let mut rows = vec![row(if before == after { both } else { first }, &pool.before)];
    if before != after {
        let difference = Some(signed(after.difference(before)));
        let gauge = GaugeDrawing::new(&pool.after, Some(before));
        rows.push(LevelRow { difference, gauge, ..row(second, &pool.after) });
    }
    rows.extend(pool.future.iter().map(|future| LevelRow { date: Some(future.from), ..row("From", &future.level) }));
    let unseen = marks::unseen(pool.unknown_environments, pool.unseen);
    PoolRows {
        name: name(&pool.pool.name).into_owned(),
        notes: owned_notes(&pool.owned).into_iter().chain(unseen).collect(),
        rows,
    }
}

/// The reason for the number of owned units, if the sources differ or the number is unknown.
fn owned_notes(owned: &OwnedView) -> Option<String> {
    match (owned.declared, owned.live) {
        (Some(declared), Some(live)) if declared != live => {
            Some(format!("declared {}, and the tenant reports {}: the lower counts", number(declared), number(live)))
        }
        _ => owned.unknown.as_deref().map(|why| name(why).into_owned()),
    }
}

fn row(when: &'static str, level: &Level) -> LevelRow {
    let (gauge, mark) = (GaugeDrawing::new(level, None), marks::of_state(level.state));
    LevelRow { when, date: None, gauge, mark, level: *level, difference: None }
}
