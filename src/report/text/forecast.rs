//! The pools on later dates: every shortage, who could give units back, and how long this month's units last.

use super::lines;
use crate::report::number::{count, number};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::forecast::{
    ForecastVerdict, ForecastView, HolderView, PoolForecastView, PoolMonthView, ShortageView,
};
use crate::report::wrap::{Indent, enumeration, prose};

/// How many holders, or shares that run out, are shown of a pool.
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
    text.extend(pool.month.iter().map(|month| of_month(month, style)));
    text.extend(pool.shortages.iter().map(|shortage| one_shortage(shortage, style)));
    if pool.short_from.is_some() && !pool.holders.is_empty() {
        text.push_str("  these hold most:\n");
        for holder in pool.holders.iter().take(SHOWN) {
            text.push_str(&enumeration(&holder_parts(holder), style.columns(), Indent { first: 4, rest: 6 }));
        }
    }
    text
}

/// The shortage in a color, what can be done about it below.
fn one_shortage(shortage: &ShortageView, style: &Style) -> String {
    let words = style.paint(Tone::Bad, &shortage.words());
    format!("  {words}\n{}", prose(&shortage.remedy(), style.columns(), Indent { first: 4, rest: 4 }))
}

/// How long the pool and the shares that run out last.
fn of_month(month: &PoolMonthView, style: &Style) -> String {
    let line = |text: &str, first, is_bad| {
        let text = prose(&clean(text), style.columns(), Indent { first, rest: first + 2 });
        let painted = |line: &str| {
            let words = line.trim_start();
            let words_painted = if is_bad { style.paint(Tone::Bad, words) } else { words.to_owned() };
            format!("{}{words_painted}\n", " ".repeat(line.len() - words.len()))
        };
        text.lines().map(painted).collect::<String>()
    };
    let mut text = line(&format!("this month: {}", month.pool.words()), 2, month.pool.is_short());
    let short = month.short_shares();
    for share in short.iter().take(SHOWN) {
        text.push_str(&line(&format!("{}: {}", share.environment, share.month.words()), 4, true));
    }
    let more = short.len().saturating_sub(SHOWN);
    if more > 0 {
        text.push_str(&line(&format!("and {} more", number(more)), 4, true));
    }
    let unknown = month.unknown_shares();
    if unknown > 0 {
        let what = count(unknown, "environment", "environments");
        text.push_str(&line(&format!("when the share of {what} runs out is unknown"), 4, false));
    }
    text
}

fn holder_parts(holder: &HolderView) -> Vec<String> {
    let mut pieces = vec![format!("{} holds {}", holder.environment, number(holder.units))];
    pieces.push(match (holder.consumed, holder.per_month) {
        (_, Some(month)) => format!("uses {} a month at this rate", number(month)),
        (Some(consumed), None) => format!("uses {}", number(consumed)),
        (None, None) => "use unknown".to_owned(),
    });
    pieces.extend(holder.can_give_back.map(|spare| format!("can give back {}", number(spare))));
    pieces.extend(holder.declared_at.as_ref().map(|place| clean(&place.to_string()).into_owned()));
    pieces
}
