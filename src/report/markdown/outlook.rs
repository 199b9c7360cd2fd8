//! A status and a forecast in Markdown: for a page of a wiki, an issue, or the summary of a scheduled run.

use std::fmt::Write as _;

use super::cut::{Shown, fit};
use super::sections::{LONGEST_SENTENCE, comment, findings, fold, footer, opening, warnings};
use super::tables::{LONGEST_CELL, level_row};
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::origin::Frame;
use crate::report::safe::markdown::{code, escape, sentence as safe_sentence};
use crate::report::verdict;
use crate::report::view::forecast::{ForecastView, HolderView, PoolForecastView, PoolMonthView};
use crate::report::view::pool::FutureLevel;
use crate::report::view::status::{GaugeView, StatusView};

const HEAD: &str = "| Add-on | Allocated | Owned | Reserve | Free | State |\n|:--|--:|--:|--:|--:|:--|\n";

/// The most holders of a pool, and the most shares that run out, that are listed.
const MOST: usize = 10;

/// The pools now and on later days, and what needs attention.
pub(in crate::report) fn status(view: &StatusView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_status(view);
    fit(frame.budget, |shown| {
        let pool = |gauge: &GaugeView| {
            let used = marks::consumed(&gauge.consumed);
            let used = used.map_or_else(String::new, |used| format!(", {}", escape(&used, LONGEST_CELL)));
            let allocated = format!("{}{used}", number(gauge.level.allocated));
            let name = escape(&gauge.pool.name, LONGEST_CELL);
            level_row(&name, &allocated, &gauge.level) + &later(&gauge.future, shown)
        };
        let rows: String = view.gauges.iter().take(shown.pools).map(pool).collect();
        let sections = [
            table(&rows),
            warnings(&view.findings, shown),
            findings(&view.findings, frame, shown),
            footer(view.date, None, frame),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The pools on every date, each shortage with what to do about it, this month's use, and who holds what.
pub(in crate::report) fn forecast(view: &ForecastView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_forecast(view);
    fit(frame.budget, |shown| {
        let pools = || view.pools.iter().take(shown.pools);
        let pool = |pool: &PoolForecastView| {
            let Some((first, rest)) = pool.points.split_first() else { return String::new() };
            let name = escape(&pool.pool.name, LONGEST_CELL);
            level_row(&name, &number(first.level.allocated), &first.level) + &later(rest, shown)
        };
        let rows: String = pools().map(pool).collect();
        let holders = if shown.explanations { pools().map(holders).collect() } else { String::new() };
        let sections = [
            table(&rows),
            titled("Shortages", pools().map(shortages).collect()),
            titled("This month", pools().map(|pool| months(pool, shown)).collect()),
            holders,
            footer(view.from, None, frame),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}

fn table(rows: &str) -> String {
    if rows.is_empty() { String::new() } else { format!("{HEAD}{rows}") }
}

fn later(future: &[FutureLevel], shown: &Shown) -> String {
    let row = |FutureLevel { from, level }: &FutureLevel| {
        level_row(&format!("↳ from {from}"), &number(level.allocated), level)
    };
    future.iter().filter(|_| shown.forecast).map(row).collect()
}

fn titled(title: &str, rows: String) -> String {
    if rows.is_empty() { rows } else { format!("**{title}**\n\n{rows}") }
}

fn shortages(pool: &PoolForecastView) -> String {
    let name = escape(&pool.pool.name, LONGEST_CELL);
    let row = |shortage: &crate::report::view::forecast::ShortageView| {
        let remedy = safe_sentence(&shortage.remedy(), LONGEST_SENTENCE);
        format!("- {name}: **{}**; {remedy}\n", shortage.words())
    };
    pool.shortages.iter().map(row).collect()
}

fn months(pool: &PoolForecastView, shown: &Shown) -> String {
    let Some(month) = &pool.month else { return String::new() };
    let words = safe_sentence(&month.pool.words(), LONGEST_SENTENCE);
    let mut text = format!("- {}: {words}\n", escape(&pool.pool.name, LONGEST_CELL));
    if shown.explanations {
        text.push_str(&shares(month));
    }
    text
}

fn shares(month: &PoolMonthView) -> String {
    let short = month.short_shares();
    let mut text = String::new();
    for share in short.iter().take(MOST) {
        let words = safe_sentence(&share.month.words(), LONGEST_SENTENCE);
        let _ = writeln!(text, "  - {}: {words}", code(share.environment.as_str()));
    }
    if short.len() > MOST {
        let _ = writeln!(text, "  - and {} more", number(short.len() - MOST));
    }
    match month.unknown_shares() {
        0 => {}
        unknown => {
            let unknown = count(unknown, "environment", "environments");
            let _ = writeln!(text, "  - it cannot be said when the share of {unknown} runs out");
        }
    }
    text
}

fn holders(pool: &PoolForecastView) -> String {
    if pool.short_from.is_none() || pool.holders.is_empty() {
        return String::new();
    }
    let mut rows = "| Environment | Holds | Uses | Can give back |\n|:--|--:|--:|--:|\n".to_owned();
    for holder in pool.holders.iter().take(MOST) {
        let HolderView { environment, units, consumed, per_month, can_give_back, .. } = holder;
        let used = match per_month {
            Some(month) => format!("{} a month", number(month)),
            None => marks::or_unknown(*consumed),
        };
        let (environment, spare) = (code(environment.as_str()), marks::or_unknown(*can_give_back));
        let _ = writeln!(rows, "| {environment} | {} | {used} | {spare} |", number(units));
    }
    if pool.holders.len() > MOST {
        let _ = writeln!(rows, "\nAnd {} more.", number(pool.holders.len() - MOST));
    }
    fold(&format!("Who holds {}", escape(&pool.pool.name, LONGEST_CELL)), &rows)
}
