//! The pools on later dates, and which environments could give units back.

use super::lines;
use crate::report::number::{count, number};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::forecast::{ForecastVerdict, ForecastView, HolderView, PoolForecastView};
use crate::report::wrap::{Indent, enumeration};

/// How many holders of a pool with a shortage are shown.
const SHOWN: usize = 5;

/// The whole forecast.
pub fn forecast(view: &ForecastView, style: &Style) -> String {
    let mut text = lines::opening("Forecast", &view.tenant, view.provider, &format!("from {}", view.from), style);
    for pool in &view.pools {
        text.push_str(&one(pool, style));
    }
    let short = view.pools.iter().filter(|pool| pool.short_from.is_some()).count();
    text.push_str(&match view.verdict {
        ForecastVerdict::Enough => "\nEnough of everything, on every date on which something changes.\n".to_owned(),
        ForecastVerdict::Unknown => "\nNo shortage is known, but the size of a pool is unknown.\n".to_owned(),
        ForecastVerdict::Short => format!("\n{}.\n", count(short as u64, "pool falls short", "pools fall short")),
    });
    text
}

fn one(pool: &PoolForecastView, style: &Style) -> String {
    let mut text = String::new();
    let Some((today, rest)) = pool.points.split_first() else { return text };
    text.push_str(&lines::headline(&pool.pool.name, &today.level, style));
    let allocated = format!("{} allocated", number(today.level.allocated));
    text.push_str(&lines::allocated(allocated, &today.level, style));
    text.push_str(&lines::later(rest, style));
    if let Some(from) = pool.short_from {
        let heading = if pool.holders.is_empty() { "" } else { "; these hold most:" };
        let shortage = format!("short from {from}, by up to {}{heading}", number(pool.short_by));
        text.push_str(&format!("  {}\n", style.paint(Tone::Bad, &shortage)));
        for holder in pool.holders.iter().take(SHOWN) {
            text.push_str(&enumeration(&holder_parts(holder), style.columns(), Indent { first: 4, rest: 6 }));
        }
    }
    text
}

fn holder_parts(holder: &HolderView) -> Vec<String> {
    let mut pieces = vec![format!("{} holds {}", holder.environment, number(holder.units))];
    if let (Some(consumed), Some(spare)) = (holder.consumed, holder.can_give_back) {
        pieces.push(format!("uses {}", number(consumed)));
        pieces.push(format!("can give back {}", number(spare)));
    }
    pieces.extend(holder.declared_at.as_ref().map(|place| clean(&place.to_string()).into_owned()));
    pieces
}
