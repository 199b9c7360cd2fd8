//! Parts that several texts share: a gauge, a pool in two lines, what was not checked.

use unicode_width::UnicodeWidthStr;

use crate::model::desired::Provider;
use crate::model::plan::draft::NotChecked;
use crate::model::terms::Units;
use crate::report::bar::bar;
use crate::report::marks;
use crate::report::number::{number, signed};
use crate::report::safe::terminal::{clean, clean_lines};
use crate::report::style::{Style, Tone};
use crate::report::tenant::shown;
use crate::report::view::basics::FindingView;
use crate::report::view::plan::SettingView;
use crate::report::view::pool::{FutureLevel, Level, PoolState, PoolView};
use crate::report::wrap::{Indent, behind, enumeration, prose};

/// The column at which gauges begin.
const GAUGE_AT: usize = 32;

pub(super) fn tone(state: PoolState) -> Tone {
    match state {
        PoolState::Ok => Tone::Good,
        PoolState::Near | PoolState::Unknown => Tone::Near,
        PoolState::IntoReserve | PoolState::Over => Tone::Bad,
    }
}

/// `███████░░░  93% ▲ nearly full`
pub(super) fn gauge(level: &Level, style: &Style) -> String {
    let word = marks::state(level.state);
    let Some(percent) = level.percent else { return style.paint(tone(level.state), level.state.word()) };
    style.paint(tone(level.state), &format!("{} {percent:>3}% {word}", bar(percent)))
}

/// The headline of a pool: its name and its gauge.
pub(super) fn headline(name: &str, level: &Level, style: &Style) -> String {
    let name = clean(name);
    // Gauges share a column. A long name moves its own gauge to the right, and a longer name to the next line.
    let before = name.width().saturating_add(2).max(GAUGE_AT);
    let painted = style.paint(Tone::Strong, &name);
    let gauge = gauge(level, style);
    let width = self::gauge(level, &Style::PLAIN).width();
    if before + width <= style.columns() {
        format!("{painted}{}{gauge}\n", " ".repeat(before - name.width()))
    } else {
        format!("{painted}\n  {gauge}\n")
    }
}

/// Owned, reserved and free units, each with its number.
pub(super) fn figures(level: &Level) -> Vec<String> {
    let owned = level.owned.map_or_else(|| "unknown owned".to_owned(), |owned| format!("{} owned", number(owned)));
    let reserve = (!level.reserve.is_zero()).then(|| format!("{} reserve", number(level.reserve)));
    let free = level.free.map(|free| match free {
        ..0 => format!("short by {}", number(free.unsigned_abs())),
        0.. => format!("{} free", number(free)),
    });
    [Some(owned), reserve, free].into_iter().flatten().collect()
}

/// How full a pool is on later dates.
pub(super) fn later(future: &[FutureLevel], style: &Style) -> String {
    let mut text = String::new();
    for FutureLevel { from, level } in future {
        let is_bad = matches!(level.state, PoolState::Over | PoolState::IntoReserve);
        let tone = if is_bad { Tone::Bad } else { Tone::Faint };
        let mut pieces = vec![format!("from {from}: {} allocated", number(level.allocated))];
        pieces.extend(figures(level));
        for line in enumeration(&pieces, style.columns(), Indent { first: 2, rest: 4 }).lines() {
            // The indentation is not colored.
            let words = line.trim_start();
            text.push_str(&format!("{}{}\n", " ".repeat(line.len() - words.len()), style.paint(tone, words)));
        }
    }
    text
}

/// The allocated units and the other numbers of the pool: on one line, or each on its own line if they do not fit.
pub(super) fn allocated(allocated: String, level: &Level, style: &Style) -> String {
    let indent = Indent { first: 2, rest: 2 };
    let figures = figures(level);
    let together: Vec<String> = std::iter::once(allocated.clone()).chain(figures.iter().cloned()).collect();
    let text = enumeration(&together, style.columns(), indent);
    if text.lines().count() == 1 {
        return text;
    }
    prose(&allocated, style.columns(), indent) + &enumeration(&figures, style.columns(), indent)
}

/// A pool before and after.
pub(super) fn pool(pool: &PoolView, style: &Style) -> String {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let moved = if before == after {
        format!("{} allocated", number(after))
    } else {
        format!("{} → {} allocated ({})", number(before), number(after), signed(after.difference(before)))
    };
    let unknown = unseen(pool.unknown_environments, pool.unseen, style);
    let figures = allocated(moved, &pool.after, style);
    format!("{}{figures}{unknown}{}", headline(&pool.pool.name, &pool.after, style), later(&pool.future, style))
}

/// Units that may lie in environments that could not be read.
pub(super) fn unseen(unknown_environments: u64, unseen: Option<Units>, style: &Style) -> String {
    let Some(text) = marks::unseen(unknown_environments, unseen) else { return String::new() };
    behind("  ", 2, &text, 4, style.columns())
}

pub(super) fn setting(setting: &SettingView, style: &Style) -> String {
    let before = marks::set_before(setting);
    format!(" {} who can allocate: {before} → {}\n", style.paint(Tone::Switched, "~"), setting.after)
}

/// The opening of a text, such as `Plan for contoso on 2026-11-24`, and a blank line.
pub(super) fn opening(word: &str, tenant: &str, provider: Provider, day: &str, style: &Style) -> String {
    let head = format!("{} ", style.paint(Tone::Strong, word));
    let rest = word.width() + 1;
    let about = format!("for {} {day}", shown(tenant, provider));
    format!("{}\n", behind(&head, rest, &about, rest, style.columns()))
}

pub(super) fn title(text: &str, style: &Style) -> String {
    format!("{}\n", style.paint(Tone::Strong, text))
}

pub(super) fn not_checked(left_out: &[NotChecked], style: &Style) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let row = |not: &NotChecked| {
        let text = format!("{}: {}", clean(&not.subject), clean(&not.reason));
        prose(&text, style.columns(), Indent { first: 2, rest: 4 })
    };
    let rows: String = left_out.iter().map(row).collect();
    format!("\n{}{rows}", title("Not checked", style))
}

/// Findings in a few lines each, without source excerpts: for reports that are read without the files.
pub fn findings(found: &[FindingView]) -> String {
    let mut text = String::new();
    for finding in found {
        let place = finding.primary.as_ref().map_or_else(String::new, |label| format!("\n  at {}", label.place));
        text.push_str(&format!("{}[{}]: {}{place}\n", finding.severity.as_str(), finding.code, finding.message));
        text.extend(finding.notes.iter().map(|note| format!("  note: {note}\n")));
        text.extend(finding.help.iter().map(|help| format!("  help: {help}\n")));
        text.push('\n');
    }
    clean_lines(&text) + if text.is_empty() { "" } else { "\n" }
}
