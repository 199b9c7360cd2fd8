//! The pools on later dates, and who could give back.

use super::lines;
use crate::report::number::number;
use crate::report::style::{Style, Tone};
use crate::report::view::forecast::{ForecastView, HolderView, PoolForecastView};

/// So many holders of a pool that falls short are shown.
const SHOWN: usize = 5;

/// The whole forecast.
pub fn forecast(view: &ForecastView, style: &Style) -> String {
    let mut text = format!("{} for {} from {}\n\n", style.paint(Tone::Strong, "Forecast"), view.tenant, view.from);
    for pool in &view.pools {
        text.push_str(&one(pool, style));
    }
    let short = view.pools.iter().filter(|pool| pool.short_from.is_some()).count();
    text.push_str(&match short {
        0 => "\nEnough of everything, on every date on which something changes.\n".to_owned(),
        1 => "\n1 pool falls short.\n".to_owned(),
        some => format!("\n{some} pools fall short.\n"),
    });
    text
}

fn one(pool: &PoolForecastView, style: &Style) -> String {
    let mut text = String::new();
    let Some((today, rest)) = pool.points.split_first() else { return text };
    text.push_str(&lines::headline(&pool.pool.name, &today.level, style));
    text.push_str(&format!("  {} allocated, {}\n", number(today.level.allocated), lines::figures(&today.level)));
    text.push_str(&lines::later(rest, style));
    if let Some(from) = pool.short_from {
        text.push_str(&format!(
            "  {}\n",
            style.paint(Tone::Bad, &format!("short from {from}, by up to {}; these hold most:", number(pool.short_by)))
        ));
        for holder in pool.holders.iter().take(SHOWN) {
            text.push_str(&format!("    {}\n", told(holder)));
        }
    }
    text
}

fn told(holder: &HolderView) -> String {
    let place = holder.declared_at.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    let spare = match (holder.consumed, holder.can_give_back) {
        (Some(consumed), Some(spare)) => format!(", uses {}, can give back {}", number(consumed), number(spare)),
        _ => String::new(),
    };
    format!("{} holds {}{spare}{place}", holder.environment, number(holder.units))
}
