//! A status and a forecast in Markdown: for a page of a wiki, an issue, or the summary of a scheduled run.

use super::cut::{Shown, fit};
use super::sections::{
    LONGEST_CELL, LONGEST_SENTENCE, comment, findings, fold, footer, left_out, made_by, opening, warnings,
};
use super::tables::level_row;
use crate::report::groups::{GroupRow, Groups};
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::origin::Frame;
use crate::report::safe::comment::{Markdown, md};
use crate::report::safe::markdown::{code, escape, sentence as safe_sentence, words};
use crate::report::verdict;
use crate::report::view::forecast::{ForecastView, HolderView, PoolForecastView, PoolMonthView, ShortageView};
use crate::report::view::pool::FutureLevel;
use crate::report::view::status::{GaugeView, StatusView};

const HEAD: &str = "| Add-on | Allocated | Owned | Reserve | Free | State |\n|:--|--:|--:|--:|--:|:--|\n";

/// At most this many holders of a pool are listed, and at most this many shares that run out.
const MOST: usize = 10;

/// The most rows of a table by environment: more would not fit into the summary of a step.
const MOST_ROWS: usize = 2_000;

/// The pools now and on later days, or a table by environment or budget, and what needs attention.
pub(in crate::report) fn status(view: &StatusView, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_status(view);
    let breakdown = view.breakdown.as_ref().map(Groups::new);
    fit(frame.budget, |shown| {
        let pool = |gauge: &GaugeView| {
            let used = marks::consumed(&gauge.consumed);
            let used = used.map_or_else(Markdown::default, |used| md![", ", escape(&used, LONGEST_CELL)]);
            let allocated = md![words(&number(gauge.level.allocated)), used];
            let name = escape(&gauge.pool.name, LONGEST_CELL);
            md![level_row(name, allocated, &gauge.level), later(&gauge.future, shown)]
        };
        let pools = match &breakdown {
            Some(breakdown) => groups(breakdown, shown),
            None => table(view.gauges.iter().take(shown.pools).map(pool).collect()),
        };
        let sections = [
            pools,
            warnings(view.findings.iter(), shown),
            findings(view.findings.iter(), frame, shown),
            footer(made_by("Read", frame), view.date, None, frame),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The pools on every date, each shortage with what to do about it, this month's use, and who holds what.
pub(in crate::report) fn forecast(view: &ForecastView, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_forecast(view);
    fit(frame.budget, |shown| {
        let pools = || view.pools.iter().take(shown.pools);
        let pool = |pool: &PoolForecastView| {
            let Some((first, rest)) = pool.points.split_first() else { return Markdown::default() };
            let name = escape(&pool.pool.name, LONGEST_CELL);
            md![level_row(name, words(&number(first.level.allocated)), &first.level), later(rest, shown)]
        };
        let rows: Markdown = pools().map(pool).collect();
        let holders = if shown.explanations { pools().map(holders).collect() } else { Markdown::default() };
        let sections = [
            table(rows),
            titled("Shortages", pools().map(shortages).collect()),
            titled("This month", pools().map(|pool| months(pool, shown)).collect()),
            holders,
            footer(made_by("Read", frame), view.from, None, frame),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The table of environments or budgets: a row for each add-on, and one row for a group without add-ons.
fn groups(table: &Groups, shown: &Shown) -> Markdown {
    let cell = |text: &str| escape(text, LONGEST_CELL);
    let joined = |cells: Vec<Markdown>| md!["| ", Markdown::join(cells, " | "), " |\n"];
    let numbers = Markdown::join(table.columns.iter().map(|column| md![*column]), " | ");
    let mut text =
        md!["| ", table.what, " | Add-on | ", numbers, " | Owner | Cost center | Agreement | Notes |\n|:--|:--|"];
    text.extend(table.columns.iter().map(|_| md!["--:|"]));
    text.push(&":--|:--|:--|:--|\n");
    let none = GroupRow {
        add_on: String::new(),
        numbers: vec![String::new(); table.columns.len()],
        agreements: String::new(),
    };
    let rows = table.groups.iter().flat_map(|group| {
        let rows = if group.rows.is_empty() { std::slice::from_ref(&none) } else { &group.rows };
        rows.iter().map(move |row| (group, row))
    });
    let (all, most) = (rows.clone().count(), shown.increases.min(MOST_ROWS));
    text.extend(rows.take(most).map(|(group, row)| {
        let mut cells = vec![cell(&group.name), cell(&row.add_on)];
        cells.extend(row.numbers.iter().map(|number| words(number)));
        cells.push(cell(group.owner.as_deref().unwrap_or_default()));
        cells.push(cell(group.cost_center.as_deref().unwrap_or_default()));
        cells.push(cell(&row.agreements));
        cells.push(cell(&group.notes.join(", ")));
        joined(cells)
    }));
    if all > most {
        text.push(&"\n");
        text.push(&left_out("more rows", all - most, "`--format csv` shows them"));
    }
    text
}

fn table(rows: Markdown) -> Markdown {
    if rows.is_empty() { rows } else { md![HEAD, rows] }
}

fn later(future: &[FutureLevel], shown: &Shown) -> Markdown {
    let row = |FutureLevel { from, level }: &FutureLevel| {
        level_row(md!["↳ from ", *from], words(&number(level.allocated)), level)
    };
    future.iter().filter(|_| shown.forecast).map(row).collect()
}

fn titled(title: &'static str, rows: Markdown) -> Markdown {
    if rows.is_empty() { rows } else { md!["**", title, "**\n\n", rows] }
}

fn shortages(pool: &PoolForecastView) -> Markdown {
    let name = escape(&pool.pool.name, LONGEST_CELL);
    let row = |shortage: &ShortageView| {
        let remedy = safe_sentence(&shortage.remedy(), LONGEST_SENTENCE);
        md!["- ", name, ": **", words(&shortage.words()), "**; ", remedy, "\n"]
    };
    pool.shortages.iter().map(row).collect()
}

fn months(pool: &PoolForecastView, shown: &Shown) -> Markdown {
    let Some(month) = &pool.month else { return Markdown::default() };
    let sentence = safe_sentence(&month.pool.words(), LONGEST_SENTENCE);
    let mut text = md!["- ", escape(&pool.pool.name, LONGEST_CELL), ": ", sentence, "\n"];
    if shown.explanations {
        text.push(&shares(month));
    }
    text
}

fn shares(month: &PoolMonthView) -> Markdown {
    let short = month.short_shares();
    let mut text = Markdown::default();
    for share in short.iter().take(MOST) {
        let sentence = safe_sentence(&share.month.words(), LONGEST_SENTENCE);
        text.push(&md!["  - ", code(share.environment.as_str()), ": ", sentence, "\n"]);
    }
    if short.len() > MOST {
        text.push(&md!["  - and ", words(&number(short.len() - MOST)), " more\n"]);
    }
    match month.unknown_shares() {
        0 => {}
        unknown => {
            let unknown = count(unknown, "environment", "environments");
            text.push(&md!["  - when the share of ", words(&unknown), " runs out is unknown\n"]);
        }
    }
    text
}

fn holders(pool: &PoolForecastView) -> Markdown {
    if pool.short_from.is_none() || pool.holders.is_empty() {
        return Markdown::default();
    }
    let mut rows = md!["| Environment | Holds | Uses | Can give back |\n|:--|--:|--:|--:|\n"];
    for holder in pool.holders.iter().take(MOST) {
        let HolderView { environment, units, consumed, per_month, can_give_back, .. } = holder;
        let used = match per_month {
            Some(month) => format!("{} a month", number(month)),
            None => marks::or_unknown(*consumed),
        };
        let (environment, units) = (code(environment.as_str()), words(&number(units)));
        let spare = words(&marks::or_unknown(*can_give_back));
        rows.push(&md!["| ", environment, " | ", units, " | ", words(&used), " | ", spare, " |\n"]);
    }
    if pool.holders.len() > MOST {
        rows.push(&md!["\nAnd ", words(&number(pool.holders.len() - MOST)), " more.\n"]);
    }
    fold(&format!("Who holds {}", pool.pool.name), &rows)
}
