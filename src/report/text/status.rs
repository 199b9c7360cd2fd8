//! Gauges on a terminal, and what needs attention.

use super::lines;
use crate::report::clean::clean;
use crate::report::number::{count, number};
use crate::report::style::{Style, Tone};
use crate::report::view::status::{GaugeView, StatusView};

/// The whole status.
pub fn status(view: &StatusView, style: &Style) -> String {
    let mut text = format!(
        "{} on {}: {}\n\n{}",
        style.paint(Tone::Strong, &clean(&view.tenant)),
        view.date,
        count(view.environments, "environment", "environments"),
        gauges(view, style)
    );
    text.push('\n');
    if view.findings.is_empty() {
        text.push_str("Nothing needs attention.\n");
    } else {
        text.push_str(&lines::title("Needs attention", style));
        for finding in &view.findings {
            text.push_str(&format!(
                "  {} {}\n",
                style.paint(Tone::Near, finding.code.as_str()),
                clean(&finding.message)
            ));
        }
    }
    text
}

/// The gauges alone.
pub fn gauges(view: &StatusView, style: &Style) -> String {
    view.gauges.iter().map(|gauge| one(gauge, style)).collect()
}

fn one(gauge: &GaugeView, style: &Style) -> String {
    let consumed = match (gauge.consumed.units, gauge.consumed.as_of, &gauge.consumed.unknown) {
        (Some(units), Some(as_of), _) => format!("  {} consumed as of {}\n", number(units), as_of.strftime("%Y-%m-%d")),
        (_, _, Some(why)) => format!("  consumption unknown: {}\n", clean(why)),
        _ => String::new(),
    };
    let holders = count(gauge.holders, "environment", "environments");
    let allocated = format!("  {} allocated to {holders}", number(gauge.level.allocated));
    format!(
        "{}{}{consumed}{}",
        lines::headline(&gauge.pool.name, &gauge.level, style),
        lines::joined(&allocated, &lines::figures(&gauge.level), style),
        lines::later(&gauge.future, style)
    )
}
