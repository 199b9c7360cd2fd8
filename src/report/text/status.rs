//! The answer of `status` on a terminal: gauges, and what needs attention.

use unicode_width::UnicodeWidthStr;

use super::{groups, lines};
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::tenant::named;
use crate::report::view::status::{GaugeView, StatusView};
use crate::report::wrap::{Indent, behind, prose};

/// The whole status.
pub fn status(view: &StatusView, style: &Style) -> String {
    let environments = count(view.environments, "environment", "environments");
    let named = named(&view.tenant, view.provider);
    let tenant = clean(&named);
    let opening = format!("{tenant} on {}: {environments}", view.date);
    let mut text = prose(&opening, style.columns(), Indent { first: 0, rest: 2 });
    if text.starts_with(tenant.as_ref()) {
        text.replace_range(..tenant.len(), &style.paint(Tone::Strong, &tenant));
    }
    text.push('\n');
    text.push_str(&match &view.breakdown {
        Some(breakdown) => groups::groups(breakdown, style),
        None => gauges(view, style),
    });
    text.push('\n');
    if view.findings.is_empty() {
        text.push_str("Nothing needs attention.\n");
    } else {
        text.push_str(&lines::title("Needs attention", style));
        for finding in &view.findings {
            let code = finding.code.as_str();
            let head = format!("  {} ", style.paint(Tone::Near, code));
            let width = code.width() + 3;
            text.push_str(&behind(&head, width, &clean(&finding.message), width, style.columns()));
        }
    }
    text
}

/// The gauges alone.
pub fn gauges(view: &StatusView, style: &Style) -> String {
    view.gauges.iter().map(|gauge| one(gauge, style)).collect()
}

fn one(gauge: &GaugeView, style: &Style) -> String {
    let consumed = marks::consumed(&gauge.consumed);
    let consumed = consumed.map_or_else(String::new, |used| behind("  ", 2, &clean(&used), 4, style.columns()));
    let holders = count(gauge.holders, "environment", "environments");
    let allocated = format!("{} allocated to {holders}", number(gauge.level.allocated));
    format!(
        "{}{}{}{consumed}{}",
        lines::headline(&gauge.pool.name, &gauge.level, style),
        lines::allocated(allocated, &gauge.level, style),
        lines::unseen(gauge.unknown_environments, gauge.unseen, style),
        lines::later(&gauge.future, style)
    )
}
