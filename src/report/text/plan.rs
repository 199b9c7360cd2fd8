//! A plan on a terminal: pools, then changes, then what was not checked, then the count.

use super::{lines, rows};
use crate::model::plan::draft::Summary;
use crate::model::plan::guards::GuardChange;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::basics::{FindingView, is_partial};
use crate::report::view::plan::{PlanVerdict, PlanView};
use crate::report::view::pool::PoolView;
use crate::report::view::run::AllowedView;
use crate::report::wrap::{Indent, enumeration, prose};

/// The whole plan.
pub fn plan(view: &PlanView, style: &Style) -> String {
    let mut text = lines::opening("Plan", &view.tenant, view.provider, &format!("on {}", view.date), style);
    for pool in view.own_pools() {
        text.push_str(&lines::pool(pool, style));
    }
    text.push_str(&unchanged_pools(view, style));
    text.push_str(&guards(view, style));
    text.push_str(&sections(view, style));
    text.push_str(&lines::not_checked(&view.not_checked, style));
    text.push_str(&also_on_base(view, style));
    text.push('\n');
    text.push_str(&against(view, style));
    text.push_str(&ending(view, style));
    text
}

/// The refusals of a plan that were allowed, and what allowed each: a part of what is applied.
pub fn allowed(all: &[AllowedView], style: &Style) -> String {
    let row = |it: &AllowedView| {
        let text = format!("{}: {}; allowed by {}", it.refusal, it.message, it.by);
        prose(&clean(&text), style.columns(), Indent { first: 2, rest: 4 })
    };
    match all {
        [] => String::new(),
        all => {
            let title = lines::title("Refusals that were allowed", style);
            format!("\n{title}{}", all.iter().map(row).collect::<String>())
        }
    }
}

/// The pools that the branch does not change, in one paragraph.
fn unchanged_pools(view: &PlanView, style: &Style) -> String {
    let pool = |pool: &PoolView| {
        let percent = pool.after.percent.map_or_else(String::new, |percent| format!(" {percent}%"));
        format!("{}{percent} {}", clean(&pool.pool.name), marks::state(pool.after.state))
    };
    let pools: Vec<String> = view.pools.iter().filter(|pool| pool.also_on_base == Some(true)).map(pool).collect();
    if pools.is_empty() {
        return String::new();
    }
    let text = format!("Not changed by this branch: {}", pools.join(", "));
    let text = prose(&text, style.columns(), Indent { first: 0, rest: 2 });
    text.lines().map(|line| format!("{}\n", style.paint(Tone::Faint, line))).collect()
}

/// The findings that the base has as well, each in one sentence.
fn also_on_base(view: &PlanView, style: &Style) -> String {
    const MOST: usize = 20;
    let found: Vec<&FindingView> = view.findings.iter().filter(|finding| finding.also_on_base == Some(true)).collect();
    if found.is_empty() {
        return String::new();
    }
    let row = |finding: &&FindingView| {
        let text = format!(
            "{} {}[{}]: {}",
            marks::of_severity(finding.severity),
            finding.severity.as_str(),
            finding.code,
            clean(&finding.message)
        );
        prose(&text, style.columns(), Indent { first: 1, rest: 4 })
    };
    let mut rows: String = found.iter().take(MOST).map(row).collect();
    if found.len() > MOST {
        rows.push_str(&format!(" and {} more\n", number(found.len() - MOST)));
    }
    format!("\n{}{rows}", lines::title("Also without this branch", style))
}

fn sections(view: &PlanView, style: &Style) -> String {
    let mut text = String::new();
    for (name, kinds) in marks::DIRECTIONS {
        let rows = rows::changes(view.changes.iter().filter(|change| kinds.contains(&change.kind)), style);
        if !rows.is_empty() {
            text.push_str(&format!("\n{}{rows}", lines::title(name, style)));
        }
    }
    if let Some(setting) = &view.setting {
        text.push_str(&format!("\n{}{}", lines::title("Settings", style), lines::setting(setting, style)));
    }
    text
}

/// The guards that this branch weakens or changes.
fn guards(view: &PlanView, style: &Style) -> String {
    let row = |change: &GuardChange| {
        let [guard, before, after] = [&change.guard, &change.before, &change.after].map(|text| clean(text));
        let text = format!("{guard}: {before} → {after} ({})", change.effect.words());
        prose(&format!("! {text}"), style.columns(), Indent { first: 1, rest: 4 })
    };
    match view.guards() {
        [] => String::new(),
        all => format!(
            "\n{}{}",
            lines::title("This branch changes guards", style),
            all.iter().map(row).collect::<String>()
        ),
    }
}

/// How many changes come from this branch, and how many were pending before it.
fn against(view: &PlanView, style: &Style) -> String {
    let Some(base) = &view.base else { return String::new() };
    let branch = count(base.branch, "change comes", "changes come");
    let (pending, reference) = (count(base.pending, "was pending", "were pending"), clean(&base.reference));
    let text = format!(
        "Compared with {reference} ({}): {branch} from this branch, {pending} before it.",
        marks::short(&base.commit)
    );
    prose(&text, style.columns(), Indent { first: 0, rest: 2 })
}

fn ending(view: &PlanView, style: &Style) -> String {
    match view.verdict {
        PlanVerdict::NoChanges if is_partial(&view.findings) => {
            format!("{} All that could be read matches the configuration.\n", style.paint(Tone::Near, "No changes."))
        }
        PlanVerdict::NoChanges => {
            format!("{} The tenant matches the configuration.\n", style.paint(Tone::Good, "No changes."))
        }
        PlanVerdict::ChangesGuards | PlanVerdict::GuardsUnknown => {
            let guards_line = match view.verdict {
                PlanVerdict::ChangesGuards => {
                    let guards = count(view.guards().len() as u64, "guard", "guards");
                    format!(
                        "{}, shown above.
",
                        style.paint(Tone::Near, &format!("This branch changes {guards}"))
                    )
                }
                _ => format!("{}\n", style.paint(Tone::Near, "Guards not compared.")),
            };
            match view.summary.total() {
                0 => format!("No changes in the tenant. {guards_line}"),
                _ => format!("{}{guards_line}", counted(&view.summary, style)),
            }
        }
        PlanVerdict::RefusedBefore => format!(
            "{}{} None of the errors is new. Nothing can be applied until the errors above are fixed.\n",
            counted(&view.summary, style),
            style.paint(Tone::Near, "Refused also without this branch.")
        ),
        PlanVerdict::Refused => format!(
            "{}{} Nothing can be applied until the errors above are fixed.\n",
            counted(&view.summary, style),
            style.paint(Tone::Bad, "Refused.")
        ),
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings => counted(&view.summary, style),
    }
}

/// `Plan: 3 to assign, 12 to increase, 2 to decrease, 1 to release.`
fn counted(summary: &Summary, style: &Style) -> String {
    let mut pieces = vec![
        format!("Plan: {} to assign", summary.assign),
        format!("{} to increase", summary.increase),
        format!("{} to decrease", summary.decrease),
        format!("{} to release", summary.release),
    ];
    if summary.switch > 0 {
        pieces.push(format!("{} to switch", summary.switch));
    }
    if summary.setting > 0 {
        pieces.push(format!("{} to change", count(summary.setting, "setting", "settings")));
    }
    if let Some(last) = pieces.last_mut() {
        last.push('.');
    }
    enumeration(&pieces, style.columns(), Indent { first: 0, rest: 6 })
}
