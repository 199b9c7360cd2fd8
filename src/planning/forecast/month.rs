//! The use of units that reset on the first of every month: on which day they run out at this month's rate.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::catalog::{Pool, Reset};
use crate::model::desired::DesiredState;
use crate::model::forecast::{MonthUse, PoolMonth, RunOut};
use crate::model::observed::{ObservedState, Reading};
use crate::model::terms::{EnvironmentKey, Units};
use crate::planning::entry::Entry;
use crate::planning::pools;

/// Whether the use of a pool counts from zero on the first of every month.
pub(super) fn resets(pool: &Pool) -> bool {
    pool.members().iter().any(|member| member.entry().is_some_and(|entry| entry.reset == Reset::Monthly))
}

/// The day of a moment, as the service counts days.
fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// The units that a whole month uses at the rate of a reading, rounded up.
pub(super) fn per_month(consumed: Units, as_of: Timestamp) -> Units {
    let day = day(as_of);
    let (used, days) = (u128::from(consumed.get()), u128::from(day.day().unsigned_abs()));
    let month = u128::from(day.days_in_month().unsigned_abs());
    Units::new(u64::try_from((used * month).div_ceil(days)).unwrap_or(u64::MAX))
}

/// The use of a pool in the month of the reading, and of every share; `None` if the pool does not reset.
pub(super) fn of_pool(
    desired: &DesiredState,
    observed: &ObservedState,
    pool: &Pool,
    owned: Option<Units>,
) -> Option<PoolMonth> {
    let today = day(observed.captured_at);
    let resets_on = today.last_of_month().tomorrow().ok().filter(|_| resets(pool))?;
    let mut shares: Vec<(EnvironmentKey, MonthUse)> = Vec::new();
    for environment in desired.environments.values() {
        let seen = observed.environments.get(&environment.id.value);
        for entry in Entry::of(environment).filter(|entry| entry.add_on.pool() == *pool) {
            // The share is the units that the environment holds. If no document was read, the declared amount counts.
            let held = seen.and_then(|seen| seen.document.known()).map(|document| document.units(entry.add_on));
            let units = held.or(entry.cell.effective(today)).filter(|units| !units.is_zero());
            let Some(units) = units else { continue };
            let is_metered = entry.add_on.entry().is_none_or(|entry| entry.metered);
            let unread = || Reading::Unknown {
                why: if is_metered { "its use was not read" } else { "the service does not count it" }.into(),
            };
            let consumed = seen.and_then(|seen| seen.consumed.get(entry.add_on).cloned()).unwrap_or_else(unread);
            shares.push((environment.key.value.clone(), use_of(Some(units), &consumed, today)));
        }
    }
    shares.sort_by(|left, right| right.1.units.cmp(&left.1.units).then_with(|| left.0.cmp(&right.0)));
    Some(PoolMonth { resets_on, pool: use_of(owned, &pools::consumed(observed, pool), today), shares })
}

/// How long units last, in the month of `today`.
fn use_of(units: Option<Units>, consumed: &Reading<Units>, today: Date) -> MonthUse {
    let unknown = |why: String| MonthUse { units, consumed: None, read_on: None, runs_out: RunOut::Unknown(why) };
    let (used, as_of) = match consumed {
        Reading::Known { value, as_of } => (*value, *as_of),
        Reading::Absent => return unknown("the tenant reports no use".to_owned()),
        Reading::Unknown { why } => return unknown(why.to_string()),
    };
    let read_on = day(as_of);
    let runs_out = match units {
        None => RunOut::Unknown("the number of owned units is unknown".to_owned()),
        _ if read_on.first_of_month() != today.first_of_month() => {
            RunOut::Unknown(format!("the last reading is of {read_on}, not of this month"))
        }
        Some(units) => runs_out(units, used, read_on),
    };
    MonthUse { units, consumed: Some(used), read_on: Some(read_on), runs_out }
}

/// The day on which the use since the first of the month reaches the units, at the average daily use up to the reading.
fn runs_out(units: Units, used: Units, read_on: Date) -> RunOut {
    if used.is_zero() {
        return RunOut::Lasts;
    }
    if used >= units {
        return RunOut::UsedUp;
    }
    let days = u128::from(read_on.day().unsigned_abs());
    let day = (u128::from(units.get()) * days).div_ceil(u128::from(used.get()));
    let date = i8::try_from(day).ok().and_then(|day| Date::new(read_on.year(), read_on.month(), day).ok());
    date.map_or(RunOut::Lasts, RunOut::On)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::{RunOut, per_month, runs_out, use_of};
    use crate::model::observed::Reading;
    use crate::model::terms::Units;

    fn units(units: u64) -> Units {
        Units::new(units)
    }

    fn read(used: u64, day: &str) -> Reading<Units> {
        Reading::Known { value: units(used), as_of: format!("{day}T00:00:00Z").parse().unwrap() }
    }

    #[test]
    fn units_run_out_on_the_day_on_which_the_rate_reaches_them() {
        let read_on = date(2026, 11, 22);
        assert_eq!(runs_out(units(200_000), units(152_300), read_on), RunOut::On(date(2026, 11, 29)));
        assert_eq!(runs_out(units(220), units(220), read_on), RunOut::UsedUp);
        assert_eq!(runs_out(units(230), units(220), read_on), RunOut::On(date(2026, 11, 23)));
        assert_eq!(runs_out(units(231), units(220), read_on), RunOut::On(date(2026, 11, 24)));
        assert_eq!(runs_out(units(300), units(220), read_on), RunOut::On(date(2026, 11, 30)));
        assert_eq!(runs_out(units(301), units(220), read_on), RunOut::Lasts, "no unit is missing on the last day");
        assert_eq!(runs_out(units(0), units(0), read_on), RunOut::Lasts);
        assert_eq!(runs_out(units(0), units(1), read_on), RunOut::UsedUp);
    }

    #[test]
    fn what_is_unknown_is_said() {
        let today = date(2026, 12, 1);
        let why = |reading: &Reading<Units>, held: Option<u64>| match use_of(held.map(units), reading, today).runs_out {
            RunOut::Unknown(why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(&read(5, "2026-11-30"), Some(9)), "the last reading is of 2026-11-30, not of this month");
        assert_eq!(why(&read(5, "2025-12-01"), Some(9)), "the last reading is of 2025-12-01, not of this month");
        assert_eq!(why(&Reading::Absent, Some(9)), "the tenant reports no use");
        assert_eq!(why(&Reading::Unknown { why: "it answered 503".into() }, Some(9)), "it answered 503");
        assert_eq!(why(&read(5, "2026-12-01"), None), "the number of owned units is unknown");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// On the day before, the rate has not reached the units; on the day, it has.
        #[test]
        fn the_day_is_the_first_that_reaches_the_units(owned in 1..u64::MAX, used in 1..u64::MAX, day in 1..=31_i8) {
            let reached = |on: i8| u128::from(used) * u128::from(on.unsigned_abs()) / u128::from(day.unsigned_abs());
            match runs_out(units(owned), units(used), date(2026, 12, day)) {
                RunOut::UsedUp => prop_assert!(used >= owned),
                RunOut::Lasts => prop_assert!(reached(31) < u128::from(owned)),
                RunOut::On(date) => {
                    prop_assert!(date.day() > day && reached(date.day()) >= u128::from(owned));
                    prop_assert!(reached(date.day() - 1) < u128::from(owned));
                }
                RunOut::Unknown(why) => prop_assert!(false, "{why}"),
            }
        }

        #[test]
        fn a_month_uses_at_least_what_was_read(used in 0..u64::MAX, day in 1..=31_i8) {
            let as_of = date(2026, 12, day).at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp();
            let month = per_month(units(used), as_of);
            prop_assert!(month >= units(used));
            prop_assert!(day < 31 || month == units(used));
        }
    }
}
