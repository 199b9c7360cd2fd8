//! A pool over the next twelve months as a drawing: step lines of the units owned, what the reserve leaves, and what is allocated.
//!
//! Every day on which the pool changes is a link to the line that says what starts or ends. Shortages are hatched.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::model::terms::Units;
use crate::report::number::number;
use crate::report::view::pool::{FutureLevel, Level};

/// The plot, in the units of the drawing.
const LEFT: i64 = 60;
const RIGHT: i64 = 3940;
const TOP: i64 = 420;
const BOTTOM: i64 = 1300;
/// The longest note beside a mark, in characters.
const LONGEST_NOTE: usize = 60;

/// A drawing.
pub(super) struct Chart {
    /// The step line of the units owned.
    pub(super) owned: String,
    /// The step line of what the reserve leaves, if there is a reserve.
    pub(super) available: Option<String>,
    /// The step line of the allocated units, and the area below it.
    pub(super) allocated: String,
    pub(super) area: String,
    /// Hatched areas: what is allocated above what is available.
    pub(super) shortages: Vec<Area>,
    /// The days on which the pool changes.
    pub(super) marks: Vec<Mark>,
    /// The largest number that is drawn. It is the label of the top of the plot.
    pub(super) most: String,
    /// The first days of every third month, and where they are.
    pub(super) months: Vec<(i64, String)>,
    /// The first day.
    pub(super) first: Date,
}

/// A rectangle.
pub(super) struct Area {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A day on which the pool changes.
pub(super) struct Mark {
    pub(super) x: i64,
    pub(super) is_short: bool,
    /// The number of the line that says what starts or ends.
    pub(super) line: usize,
    /// What starts or ends, and the level from that day on.
    pub(super) words: String,
    pub(super) note: String,
    /// Where the note begins or ends, so that it stays inside.
    pub(super) anchor: &'static str,
}

/// Positions of days and units.
struct Scale {
    first: Date,
    days: i64,
    most: u64,
}

impl Scale {
    fn x(&self, day: Date) -> i64 {
        let passed = i64::from((day - self.first).get_days()).clamp(0, self.days);
        LEFT + passed * (RIGHT - LEFT) / self.days.max(1)
    }

    fn y(&self, units: u64) -> i64 {
        let height = u128::from(units) * u128::from((BOTTOM - TOP).unsigned_abs()) / u128::from(self.most.max(1));
        BOTTOM - i64::try_from(height).unwrap_or(BOTTOM - TOP)
    }
}

/// What the reserve leaves of the owned units.
fn available(level: &Level) -> Option<Units> {
    Some(level.owned?.remaining_after(level.reserve))
}

impl Chart {
    /// The drawing of a pool, now and on later days; `words` says what happens on each later day. `None` if `levels` is
    /// empty.
    pub(super) fn new(levels: &[FutureLevel], words: &[String]) -> Option<Chart> {
        let first = levels.first()?.from;
        let last = first.saturating_add(12.months());
        let points: Vec<&FutureLevel> = levels.iter().take_while(|point| point.from < last).collect();
        let levels = || points.iter().map(|point| &point.level);
        let most = levels().flat_map(|level| [level.owned.unwrap_or_default(), level.allocated]).max()?;
        let scale = Scale { first, days: i64::from((last - first).get_days()), most: most.get() };
        let ends: Vec<Date> = points.iter().skip(1).map(|point| point.from).chain([last]).collect();
        let line = |units: &dyn Fn(&Level) -> Option<Units>| step_line(&points, &ends, &scale, units);
        let allocated = line(&|level| Some(level.allocated));
        Some(Chart {
            owned: line(&|level| level.owned),
            available: levels().any(|level| !level.reserve.is_zero()).then(|| line(&available)),
            area: format!("{allocated} V{BOTTOM} H{LEFT} Z"),
            allocated,
            shortages: points.iter().zip(&ends).filter_map(|(point, end)| shortage(point, *end, &scale)).collect(),
            marks: marks(&points, words, &scale),
            most: number(most),
            months: months(&scale, last),
            first,
        })
    }
}

/// A line with a step on every day on which the units change, and a gap where they are unknown.
fn step_line(points: &[&FutureLevel], ends: &[Date], scale: &Scale, units: &dyn Fn(&Level) -> Option<Units>) -> String {
    let mut path = String::new();
    let mut is_drawn = false;
    for (point, end) in points.iter().zip(ends) {
        let Some(units) = units(&point.level) else {
            is_drawn = false;
            continue;
        };
        let (start, end, y) = (scale.x(point.from), scale.x(*end), scale.y(units.get()));
        path.push_str(&if is_drawn { format!(" V{y} H{end}") } else { format!(" M{start} {y} H{end}") });
        is_drawn = true;
    }
    path.trim_start().to_owned()
}

fn shortage(point: &FutureLevel, end: Date, scale: &Scale) -> Option<Area> {
    let available = available(&point.level)?;
    if !point.level.is_short() || point.level.allocated <= available {
        return None;
    }
    let (x, y) = (scale.x(point.from), scale.y(point.level.allocated.get()));
    // Even a shortage of one unit is visible.
    let height = (scale.y(available.get()) - y).max(20);
    Some(Area { x, y, width: scale.x(end) - x, height })
}

fn marks(points: &[&FutureLevel], words: &[String], scale: &Scale) -> Vec<Mark> {
    let later = points.iter().skip(1).zip(words).enumerate();
    let mark = |(line, (point, words)): (usize, (&&FutureLevel, &String))| {
        let x = scale.x(point.from);
        let words = format!("{}: {words}", point.from);
        let mut note: String = words.chars().take(LONGEST_NOTE).collect();
        if note.len() < words.len() {
            note.push('…');
        }
        let anchor = match x {
            ..1_400 => "start",
            1_400..2_600 => "middle",
            _ => "end",
        };
        Mark { x, is_short: point.level.is_short(), line, words, note, anchor }
    };
    later.map(mark).collect()
}

fn months(scale: &Scale, last: Date) -> Vec<(i64, String)> {
    let firsts = (1..=12_i64).map(|month| scale.first.first_of_month().saturating_add(month.months()));
    let shown = firsts.step_by(3).filter(|first| *first < last);
    shown.map(|first| (scale.x(first), first.strftime("%b %Y").to_string())).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{BOTTOM, Chart, LEFT, RIGHT, TOP};
    use crate::report::fixture::{future, ninety};
    use crate::report::view::pool::FutureLevel;

    fn pool(points: &[(jiff::civil::Date, u64, u64, u64)]) -> Vec<FutureLevel> {
        let level = |(from, owned, reserve, allocated): &(_, u64, u64, u64)| {
            FutureLevel::new(&future(*from, *owned, *reserve, *allocated), ninety())
        };
        points.iter().map(level).collect()
    }

    #[test]
    fn lines_have_a_step_where_the_pool_changes() {
        let year = [(date(2026, 1, 1), 100, 0, 50), (date(2026, 7, 2), 50, 0, 75), (date(2027, 1, 1), 0, 0, 75)];
        let chart = Chart::new(&pool(&year), &["a renewal".to_owned(), "an end".to_owned()]).unwrap();
        let middle = LEFT + 182 * (RIGHT - LEFT) / 365;
        let half = BOTTOM - (BOTTOM - TOP) / 2;
        assert_eq!(chart.owned, format!("M{LEFT} {TOP} H{middle} V{half} H{RIGHT}"));
        assert!(chart.allocated.starts_with(&format!("M{LEFT} {half} H{middle} V")), "{}", chart.allocated);
        assert!(chart.available.is_none(), "there is no reserve");
        assert_eq!(chart.marks.len(), 1, "what begins after twelve months is not drawn");
        assert!(chart.marks[0].is_short && chart.marks[0].words == "2026-07-02: a renewal");
        let [area] = &chart.shortages[..] else { panic!("one shortage") };
        assert_eq!((area.x, area.x + area.width, area.y + area.height), (middle, RIGHT, half));
        assert_eq!(chart.months[0], (LEFT + 31 * (RIGHT - LEFT) / 365, "Feb 2026".to_owned()));
    }

    #[test]
    fn every_pool_can_be_drawn() {
        let empty = Chart::new(&pool(&[(date(2026, 1, 1), 0, 10, 0)]), &[]).unwrap();
        assert_eq!((empty.owned.as_str(), empty.most.as_str()), (format!("M{LEFT} {BOTTOM} H{RIGHT}").as_str(), "0"));
        assert!(empty.shortages.is_empty());
        let huge = Chart::new(&pool(&[(date(9999, 12, 1), u64::MAX, 0, u64::MAX)]), &[]).unwrap();
        assert!(huge.owned.contains(&format!(" {TOP} ")), "{}", huge.owned);
        let mut unknown = pool(&[(date(2026, 1, 1), 0, 0, 5)]);
        unknown[0].level.owned = None;
        assert_eq!(Chart::new(&unknown, &[]).unwrap().owned, "");
        assert!(Chart::new(&pool(&[]), &[]).is_none());
    }
}
