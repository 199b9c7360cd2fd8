//! What several faces share: a gauge, a pool in two lines, rows of changes.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::model::plan::ChangeKind;
use crate::report::clean::clean;
use crate::report::number::{number, signed};
use crate::report::style::{Style, Tone};
use crate::report::view::basics::NotCheckedView;
use crate::report::view::plan::{ChangeView, SettingView};
use crate::report::view::pool::{FutureLevel, Level, PoolState, PoolView};

const BLOCKS: u64 = 20;

pub(super) fn tone(state: PoolState) -> Tone {
    match state {
        PoolState::Ok => Tone::Good,
        PoolState::Near | PoolState::Unknown => Tone::Near,
        PoolState::IntoReserve | PoolState::Over => Tone::Bad,
    }
}

/// `███████░░░  93% near`
pub(super) fn gauge(level: &Level, style: &Style) -> String {
    let word = level.state.word();
    let Some(percent) = level.percent else { return style.paint(tone(level.state), word) };
    let full = (percent.min(100) * BLOCKS).div_ceil(100);
    let bar: String = (0..BLOCKS).map(|at| if at < full { '█' } else { '░' }).collect();
    style.paint(tone(level.state), &format!("{bar} {percent:>3}% {word}"))
}

/// The headline of a pool: its name and its gauge.
pub(super) fn headline(name: &str, level: &Level, style: &Style) -> String {
    let name = clean(name);
    // Gauges stand under each other; a long name pushes its own to the right.
    let gap = " ".repeat(32_usize.saturating_sub(unicode_width::UnicodeWidthStr::width(name.as_ref())).max(2));
    format!("{}{gap}{}\n", style.paint(Tone::Strong, &name), gauge(level, style))
}

pub(super) fn figures(level: &Level) -> String {
    let owned = level.owned.map_or_else(|| "unknown owned".to_owned(), |owned| format!("{} owned", number(owned)));
    let reserve = if level.reserve.is_zero() { String::new() } else { format!(", {} reserve", number(level.reserve)) };
    let free = match level.free {
        None => String::new(),
        Some(free) if free < 0 => format!(", short by {}", number(free.unsigned_abs())),
        Some(free) => format!(", {} free", number(free)),
    };
    format!("{owned}{reserve}{free}")
}

pub(super) fn later(future: &[FutureLevel], style: &Style) -> String {
    let row = |future: &FutureLevel| {
        let text =
            format!("  from {}: {} allocated, {}", future.from, number(future.level.allocated), figures(&future.level));
        format!(
            "{}\n",
            style.paint(
                if matches!(future.level.state, PoolState::Over | PoolState::IntoReserve) {
                    Tone::Bad
                } else {
                    Tone::Faint
                },
                &text
            )
        )
    };
    future.iter().map(row).collect()
}

/// Two halves of a line, on two lines where one is too narrow for both.
pub(super) fn joined(first: &str, second: &str, style: &Style) -> String {
    let together = format!("{first}, {second}");
    if unicode_width::UnicodeWidthStr::width(together.as_str()) <= style.columns() {
        return format!("{together}\n");
    }
    format!("{first}\n  {second}\n")
}

/// A pool before and after.
pub(super) fn pool(pool: &PoolView, style: &Style) -> String {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let moved = if before == after {
        format!("  {} allocated", number(after))
    } else {
        format!("  {} → {} allocated ({})", number(before), number(after), signed(after.difference(before)))
    };
    let unknown = match pool.unknown_environments {
        0 => String::new(),
        some => format!("  and what {some} environments hold, which is unknown\n"),
    };
    let figures = joined(&moved, &figures(&pool.after), style);
    format!("{}{figures}{unknown}{}", headline(&pool.pool.name, &pool.after, style), later(&pool.future, style))
}

fn sign(kind: ChangeKind) -> (&'static str, Tone) {
    match kind {
        ChangeKind::Release | ChangeKind::Decrease => ("-", Tone::Removed),
        ChangeKind::Assign | ChangeKind::Increase => ("+", Tone::Added),
        ChangeKind::Switch => ("~", Tone::Switched),
    }
}

/// Changes in rows, and under each what there is to know about it.
pub(super) fn changes<'a>(changes: impl Iterator<Item = &'a ChangeView>, style: &Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let mut notes = Vec::new();
    for change in changes {
        let (mark, tone) = sign(change.kind);
        let moved = match change.kind {
            ChangeKind::Switch => [number(change.units_after), String::new(), String::new(), String::new()],
            _ => [number(change.units_before), "→".to_owned(), number(change.units_after), signed(change.difference)],
        };
        let [before, arrow, after, difference] = moved;
        let name = clean(change.environment.key.as_str()).into_owned();
        table.add_row([style.paint(tone, mark), name, change.add_on.name.clone(), before, arrow, after, difference]);
        notes.push(about(change));
    }
    for column in [3, 5, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let rendered = table.to_string();
    let mut text = String::new();
    for (row, note) in rendered.lines().zip(notes) {
        text.push_str(row.trim_end());
        text.push('\n');
        for line in note {
            text.push_str(&style.paint(Tone::Faint, &format!("      {line}")));
            text.push('\n');
        }
    }
    text
}

fn about(change: &ChangeView) -> Vec<String> {
    let mut lines = Vec::new();
    for switch in &change.switches {
        let word = |value: Option<bool>| match value {
            Some(true) => "on",
            Some(false) => "off",
            None => "not set",
        };
        lines.push(format!("{}: {} → {}", switch.label, word(switch.before), word(Some(switch.after))));
    }
    let until = change.until.map(|until| format!("until {until}"));
    let told = [until, change.ticket.clone(), change.reason.clone()];
    let told: Vec<String> = told.into_iter().flatten().map(|text| clean(&text).into_owned()).collect();
    if !told.is_empty() {
        lines.push(told.join(", "));
    }
    lines
}

pub(super) fn setting(setting: &SettingView, style: &Style) -> String {
    let before = setting.before.map_or("not set", |before| before.as_str());
    format!(" {} who can allocate: {before} → {}\n", style.paint(Tone::Switched, "~"), setting.after)
}

pub(super) fn title(text: &str, style: &Style) -> String {
    format!("{}\n", style.paint(Tone::Strong, text))
}

pub(super) fn not_checked(left_out: &[NotCheckedView], style: &Style) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let rows: String =
        left_out.iter().map(|not| format!("  {}: {}\n", clean(&not.subject), clean(&not.reason))).collect();
    format!("\n{}{rows}", title("Not checked", style))
}
