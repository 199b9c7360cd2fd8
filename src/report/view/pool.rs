//! How full a pool is, now and on later dates.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::AddOnView;
use crate::model::catalog::Pool;
use crate::model::plan::pool::{FuturePool, Owned, PlannedPool};
use crate::model::terms::{Percent, Units};

/// How full a pool is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolState {
    /// Units are free, or none are owned and none allocated.
    Ok,
    /// The pool is nearly full, or full.
    Near,
    /// More is allocated than the reserve leaves, and no more than is owned.
    IntoReserve,
    /// More is allocated than is owned.
    Over,
    /// The number of owned units is unknown.
    Unknown,
}

impl PoolState {
    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            PoolState::Ok => "ok",
            PoolState::Near => "nearly full",
            PoolState::IntoReserve => "into the reserve",
            PoolState::Over => "over-allocated",
            PoolState::Unknown => "unknown",
        }
    }
}

/// How full a pool is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    /// Units owned; `null` if unknown.
    pub owned: Option<Units>,
    /// Units that no plan may allocate.
    pub reserve: Units,
    /// Units allocated to environments.
    pub allocated: Units,
    /// `owned - reserve - allocated`; a negative number is a shortage. `null` if unknown.
    pub free: Option<i128>,
    /// The allocated share of the owned units, in percent; `null` if no units are owned or their number is unknown.
    pub percent: Option<u64>,
    /// The state as a word.
    pub state: PoolState,
}

impl Level {
    /// The level of a pool that counts as nearly full from `near_from` percent on.
    pub fn new(owned: Option<Units>, reserve: Units, allocated: Units, near_from: Percent) -> Level {
        let free = owned.map(|owned| owned.difference(reserve) - i128::from(allocated.get()));
        let state = match (owned, free) {
            (Some(owned), _) if allocated > owned => PoolState::Over,
            // If no units are owned, there is no reserve to use.
            (Some(owned), Some(free)) if free < 0 && !owned.is_zero() => PoolState::IntoReserve,
            (Some(owned), _) if !owned.is_zero() && allocated >= near_from.of(owned) => PoolState::Near,
            (Some(_), _) => PoolState::Ok,
            (None, _) => PoolState::Unknown,
        };
        let percent = owned.and_then(|owned| percent(allocated, owned));
        Level { owned, reserve, allocated, free, percent, state }
    }

    /// Whether units are missing: more are allocated than the reserve leaves.
    pub fn is_short(&self) -> bool {
        self.free.is_some_and(|free| free < 0)
    }
}

/// A share in whole percent, rounded down, so that it seems to reach no threshold that it does not reach. A share above
/// 100 is at least 101, so that the first unit too many is seen.
fn percent(part: Units, whole: Units) -> Option<u64> {
    let (part, whole) = (u128::from(part.get()), u128::from(whole.get()));
    let shown = (part * 100).checked_div(whole)?;
    let least = if part > whole { 101 } else { 0 };
    Some(u64::try_from(shown.max(least)).unwrap_or(u64::MAX))
}

/// The level of a pool from a later day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FutureLevel {
    /// The first day of the level.
    pub from: Date,
    /// The level from that day on, if nothing else changes.
    pub level: Level,
}

impl FutureLevel {
    /// The level on a later date.
    pub fn new(future: &FuturePool, near_from: Percent) -> FutureLevel {
        let level = Level::new(future.owned, future.reserve, future.allocated, near_from);
        FutureLevel { from: future.from, level }
    }
}

/// All names of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolName {
    /// The slug of the add-on that the pool is named after.
    pub slug: String,
    /// The name for people, naming every add-on of the pool.
    pub name: String,
    /// The add-ons whose units come from the pool.
    pub add_ons: Vec<AddOnView>,
}

impl PoolName {
    /// All names of a pool.
    pub fn new(pool: &Pool) -> PoolName {
        PoolName {
            slug: pool.to_string(),
            name: pool.display_name(),
            add_ons: pool.members().iter().map(AddOnView::new).collect(),
        }
    }
}

/// The number of owned units, and its sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnedView {
    /// The number that counts: the lower of the two below.
    pub units: Option<Units>,
    /// The number in the configuration.
    pub declared: Option<Units>,
    /// The number that the tenant reports.
    pub live: Option<Units>,
    /// The reason, if the number is unknown.
    pub unknown: Option<String>,
}

impl OwnedView {
    /// The numbers, or the reason why there are none.
    pub fn new(owned: &Owned) -> OwnedView {
        match owned {
            Owned::Known { units, declared, live } => {
                OwnedView { units: Some(*units), declared: *declared, live: *live, unknown: None }
            }
            Owned::Unknown { why, .. } => {
                OwnedView { units: None, declared: None, live: None, unknown: Some(why.to_string()) }
            }
        }
    }
}

/// A pool before and after a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolView {
    /// The pool.
    pub pool: PoolName,
    /// The owned units, and the sources of their number.
    pub owned: OwnedView,
    /// The level now.
    pub before: Level,
    /// The level after the plan.
    pub after: Level,
    /// The number of environments whose allocation is unknown.
    pub unknown_environments: u64,
    /// Units that the tenant counts as allocated, and that no document shows. Both levels include them. `null` if their number is unknown;
    /// then nothing may be added.
    pub unseen: Option<Units>,
    /// Later days on which something changes.
    pub future: Vec<FutureLevel>,
    /// Whether the plan of the base gives the pool the same figures; missing unless the plan was compared with a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also_on_base: Option<bool>,
}

impl PoolView {
    /// A pool of a plan.
    pub fn new(planned: &PlannedPool, near_from: Percent) -> PoolView {
        let level = |allocated| Level::new(planned.owned.units(), planned.reserve, allocated, near_from);
        PoolView {
            pool: PoolName::new(&planned.pool),
            owned: OwnedView::new(&planned.owned),
            before: level(planned.allocated_before),
            after: level(planned.allocated_after),
            unknown_environments: planned.unknown_environments,
            unseen: planned.unseen,
            future: planned.future.iter().map(|future| FutureLevel::new(future, near_from)).collect(),
            also_on_base: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(owned: impl Into<Option<u64>>, reserve: u64, allocated: u64, expected: (Option<i128>, Option<u64>, &str)) {
        let ninety = Percent::new(90).unwrap();
        let level = Level::new(owned.into().map(Units::new), Units::new(reserve), Units::new(allocated), ninety);
        assert_eq!((level.free, level.percent, level.state.word()), expected);
    }

    #[test]
    fn levels_have_a_share_and_a_word() {
        check(1_200, 36, 1_114, (Some(50), Some(92), "nearly full"));
        check(1_200, 36, 600, (Some(564), Some(50), "ok"));
        check(1_200, 36, 1_079, (Some(85), Some(89), "ok"));
        check(1_200, 36, 1_080, (Some(84), Some(90), "nearly full"));
        check(1_200, 36, 1_170, (Some(-6), Some(97), "into the reserve"));
        check(1_200, 0, 1_200, (Some(0), Some(100), "nearly full"));
        check(300_000, 0, 320_000, (Some(-20_000), Some(106), "over-allocated"));
        check(0, 0, 0, (Some(0), None, "ok"));
        check(0, 10, 0, (Some(-10), None, "ok"));
        check(0, 0, 5, (Some(-5), None, "over-allocated"));
        check(None, 10, 5, (None, None, "unknown"));
    }

    #[test]
    fn neither_the_last_free_unit_nor_the_first_too_many_is_rounded_away() {
        check(1_000_000, 0, 999_999, (Some(1), Some(99), "nearly full"));
        check(1_000_000, 0, 1_000_001, (Some(-1), Some(101), "over-allocated"));
        check(u64::MAX, 0, u64::MAX, (Some(0), Some(100), "nearly full"));
    }
}
