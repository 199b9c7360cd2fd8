//! A gauge as a drawing: allocated units on a scale of owned units. No other quantity is drawn on that scale.
//!
//! The end mark is at the owned units. The bar of an over-allocated pool crosses the end mark. The dotted outline before the
//! end mark is the reserve.

use crate::model::terms::{Percent, Units};
use crate::report::number::number;
use crate::report::view::pool::{Level, PoolState};

/// The position of the end mark.
const END: u128 = 200;
/// The length of the longest bar.
const WIDTH: u128 = 240;

/// The numbers of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GaugeDrawing {
    /// The state's class in the style sheet.
    pub(super) class: &'static str,
    /// The text alternative, for screen readers.
    pub(super) title: String,
    /// The length of the bar; 0 for none.
    pub(super) bar: u128,
    /// The start and the width of the reserve, if there is one.
    pub(super) reserve: Option<(u128, u128)>,
    /// The end of the bar in the row above, if it is to be marked.
    pub(super) before: Option<u128>,
}

impl GaugeDrawing {
    /// The gauge of a level, with a mark at the units that were allocated before.
    pub(super) fn new(level: &Level, before: Option<Units>) -> GaugeDrawing {
        let at = |units: Units| level.owned.map_or(0, |owned| length(units, owned));
        let reserve = at(level.reserve).min(END);
        GaugeDrawing {
            class: class(level.state),
            title: title(level),
            bar: at(level.allocated),
            reserve: (reserve > 0).then(|| (END - reserve, reserve)),
            before: before.filter(|_| level.owned.is_some()).map(at),
        }
    }
}

/// The state's class in the style sheet. A pool that is into its reserve has the color of a nearly full one.
pub(super) fn class(state: PoolState) -> &'static str {
    match state {
        PoolState::Ok => "ok",
        PoolState::Near | PoolState::IntoReserve => "near",
        PoolState::Over => "over",
        PoolState::Unknown => "unknown",
    }
}

/// The legend: a gauge of each kind, and its meaning.
pub(super) fn samples() -> Vec<(GaugeDrawing, &'static str)> {
    let near_from = const { Percent::new(90).expect("90 is a percentage") };
    let level = |owned: Option<u64>, reserve, allocated| {
        Level::new(owned.map(Units::new), Units::new(reserve), Units::new(allocated), near_from)
    };
    let plain = |level: Level| GaugeDrawing::new(&level, None);
    vec![
        (plain(level(Some(100), 0, 50)), "ok: there is room"),
        (plain(level(Some(100), 0, 95)), "▲ nearly full: little room is left (diagonal hatch)"),
        (
            plain(level(Some(100), 20, 90)),
            "▲ into the reserve: part of the reserve is allocated, but no more than is owned",
        ),
        (
            plain(level(Some(100), 0, 110)),
            "✖ over-allocated: more is allocated than is owned (cross-hatch, past the line, drawn up to 120%)",
        ),
        (plain(level(None, 0, 0)), "? unknown: the number of owned units is unknown (dots)"),
        (plain(level(Some(100), 20, 50)), "a dotted outline is the reserve, which no plan may allocate"),
        (
            GaugeDrawing::new(&level(Some(100), 0, 60), Some(Units::new(40))),
            "two small triangles mark where the bar ends in the row above",
        ),
    ]
}

/// The length of a bar. Rounding never hides the first allocated unit, the last free unit, or the first unit beyond the owned ones.
fn length(units: Units, owned: Units) -> u128 {
    const LEAST: u128 = 2;
    let (units, owned) = (u128::from(units.get()), u128::from(owned.get()));
    if units == 0 {
        return 0;
    }
    let Some(length) = (units * END).checked_div(owned) else { return WIDTH };
    match units.cmp(&owned) {
        std::cmp::Ordering::Less => length.clamp(LEAST, END - LEAST),
        std::cmp::Ordering::Equal => END,
        std::cmp::Ordering::Greater => length.clamp(END + 2 * LEAST, WIDTH),
    }
}

fn title(level: &Level) -> String {
    let (allocated, word) = (number(level.allocated), level.state.word());
    match level.owned {
        Some(owned) => format!("{allocated} of {} allocated: {word}", number(owned)),
        None => format!("{allocated} allocated, owned {word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauge(owned: impl Into<Option<u64>>, reserve: u64, allocated: u64) -> GaugeDrawing {
        let ninety = Percent::new(90).unwrap();
        let level = Level::new(owned.into().map(Units::new), Units::new(reserve), Units::new(allocated), ninety);
        GaugeDrawing::new(&level, None)
    }

    #[test]
    fn neither_the_first_nor_the_last_unit_is_lost_to_rounding() {
        for (owned, allocated, bar) in [
            (1_000_000, 0, 0),
            (1_000_000, 1, 2),
            (1_000_000, 999_999, 198),
            (1_000_000, 1_000_000, 200),
            (1_000_000, 1_000_001, 204),
            (100, 110, 220),
            (100, 900, 240),
            (0, 5, 240),
            (0, 0, 0),
        ] {
            assert_eq!(gauge(owned, 0, allocated).bar, bar, "{allocated} of {owned}");
        }
    }

    #[test]
    fn the_reserve_ends_at_the_end_mark() {
        assert_eq!(gauge(100, 10, 5).reserve, Some((180, 20)));
        assert_eq!(gauge(100, 0, 5).reserve, None);
        assert_eq!(gauge(100, 900, 5).reserve, Some((0, 200)));
    }

    #[test]
    fn a_gauge_says_what_it_shows() {
        assert_eq!(gauge(1_200, 0, 1_114).title, "1,114 of 1,200 allocated: nearly full");
        let unknown = gauge(None, 10, 5);
        assert_eq!((unknown.title.as_str(), unknown.bar, unknown.reserve), ("5 allocated, owned unknown", 0, None));
        assert_eq!(unknown.class, "unknown");
    }
}
