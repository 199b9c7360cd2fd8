//! Sums of dated amounts on many days. One pass over the amounts, because a hostile file can have very many amounts and days.

use jiff::civil::Date;

use crate::model::terms::{Interval, Units};

/// The sum of the amounts on each of the days, which are in order.
pub(super) fn day_sums(days: &[Date], dated: impl IntoIterator<Item = (Interval, Units)>) -> Vec<i128> {
    // What each day has more than the day before.
    let mut added = vec![0_i128; days.len()];
    for (interval, units) in dated.into_iter().filter(|(interval, _)| !interval.is_empty()) {
        let units = i128::from(units.get());
        let first = interval.from.map_or(0, |from| days.partition_point(|day| *day < from));
        let after = interval.until.map_or(days.len(), |until| days.partition_point(|day| *day <= until));
        if let Some(day) = added.get_mut(first) {
            *day += units;
        }
        if let Some(day) = added.get_mut(after) {
            *day -= units;
        }
    }
    let sum = |sum: &mut i128, added: i128| {
        *sum += added;
        Some(*sum)
    };
    added.into_iter().scan(0, sum).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::day_sums;
    use crate::model::terms::{Interval, Units};

    #[test]
    fn each_day_has_the_amounts_whose_interval_contains_it() {
        let days: Vec<Date> = (1..=9).map(|day| date(2027, 1, day)).collect();
        let bounds =
            [None, Some(date(2026, 12, 1)), Some(days[0]), Some(days[4]), Some(days[8]), Some(date(2027, 2, 1))];
        let intervals =
            bounds.iter().flat_map(|from| bounds.iter().map(|until| Interval { from: *from, until: *until }));
        let dated: Vec<(Interval, Units)> =
            (1..).map(Units::new).zip(intervals).map(|(units, it)| (it, units)).collect();
        let on = |day: &Date| -> i128 {
            dated.iter().filter(|(interval, _)| interval.contains(*day)).map(|(_, units)| i128::from(units.get())).sum()
        };
        assert_eq!(day_sums(&days, dated.iter().copied()), days.iter().map(on).collect::<Vec<_>>());
    }
}
