//! The story of a world, line by line, for a person.

use std::fmt::Write as _;

use super::contract::names;
use super::files::key;
use super::report::Report;
use super::run::Story;
use super::service::Event;
use super::tenant::{ADD_ONS, held};

/// How a process ended, in a few words.
pub(super) fn kind(story: &Story, report: &Report) -> String {
    let wrote = story.log.iter().any(|logged| {
        let is_during = (report.from..=report.to).contains(&logged.at);
        is_during && matches!(logged.event, Event::Effect { .. })
    });
    let what = if report.only_planned { "plan" } else { "apply" };
    let codes: Vec<String> = report.errors().map(|finding| format!("{:?}", finding.code)).take(1).collect();
    format!(
        "{what} {:?}{}{}",
        report.ended,
        if wrote { ", wrote" } else { "" },
        codes.iter().map(|code| format!(", {code}")).collect::<String>()
    )
}

/// The story.
pub(super) fn told(story: &Story) -> String {
    let mut text = String::new();
    for logged in &story.log {
        let line = match &logged.event {
            Event::Begin { who, .. } => format!("process {who} begins"),
            Event::End { who } => format!("process {who} ends"),
            Event::Word { .. } => continue,
            Event::StopAsked { twice } => format!("the user asks it to stop{}", if *twice { ", twice" } else { "" }),
            Event::Outside { what, .. } => what.clone(),
            Event::Void { id } => format!("    request {id} has no effect"),
            Event::Effect { id, tenant } => {
                let levels: Vec<String> = (0..ADD_ONS.len())
                    .filter(|add_on| tenant.allocated(*add_on) > 0)
                    .map(|add_on| format!("{} {}", ADD_ONS[add_on].1, tenant.allocated(add_on)))
                    .collect();
                format!("    request {id} takes effect; allocated: {}", levels.join(", "))
            }
            Event::Answer { id, status, .. } => format!("    request {id} is answered with {status}"),
            Event::Sent { id, who, route, place, patch } => {
                let place = place.map(key).unwrap_or_default();
                let amounts: Vec<String> = patch
                    .iter()
                    .flat_map(|(_, patch)| {
                        let named = (0..ADD_ONS.len()).filter(|add_on| names(patch, *add_on));
                        named.map(|add_on| format!("{}={}", ADD_ONS[add_on].1, held(Some(patch), add_on)))
                    })
                    .collect();
                format!("process {who} sends request {id}: {route:?} {place} {}", amounts.join(" "))
            }
        };
        let _ = writeln!(text, "{:9.3} {line}", logged.at.as_secs_f64());
    }
    for report in story.reports.iter().chain(&story.after) {
        let _ = writeln!(text, "process {}: {}; {}", report.who, kind(story, report), report.failure);
        for change in &report.changes {
            let _ = writeln!(
                text,
                "    {} {} {} to {} {:?}: {:?}",
                key(change.place),
                ADD_ONS[change.add_on].1,
                change.before,
                change.after,
                change.switches,
                change.outcome
            );
        }
        for finding in &report.findings {
            let _ = writeln!(text, "    {:?} {:?} {}", finding.severity, finding.code, finding.message);
        }
    }
    text
}
