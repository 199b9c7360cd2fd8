//! The life of one process, from its beginning to its end: what it read, wrote and showed, and the states of the tenant meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use super::contract::View;
use super::report::Report;
use super::run::Story;
use super::service::{Event, Who};
use super::tenant::Tenant;
use super::weather::Route;

/// What one process saw and did, from its beginning to its end.
#[derive(Default)]
pub(super) struct Life<'a> {
    pub(super) view: View,
    /// The tenant at its beginning, after every change, and at its end.
    pub(super) states: Vec<&'a Tenant>,
    /// The effects of its own writes: environment, before, after.
    pub(super) effects: Vec<(usize, &'a Tenant, &'a Tenant)>,
    /// The times of its events and requests.
    pub(super) signs: Vec<Duration>,
    pub(super) requests: usize,
    /// When the plan was shown.
    pub(super) shown_at: Option<Duration>,
    pub(super) writes: Vec<(Duration, usize)>,
    pub(super) setting_writes: Vec<Duration>,
    /// When it was asked to stop, and whether twice.
    pub(super) stopped: Option<(Duration, bool)>,
}

/// Finds the life of a process in the log.
pub(super) fn life<'a>(story: &'a Story, report: &Report) -> Life<'a> {
    let mut truth = &story.start;
    let mut sent: BTreeMap<usize, &Event> = BTreeMap::new();
    let mut life = Life::default();
    let mut is_on = false;
    for logged in &story.log {
        let at = logged.at;
        match &logged.event {
            Event::Begin { run, .. } if *run == report.run => {
                is_on = true;
                life.states.push(truth);
                life.signs.push(at);
            }
            Event::End { who } if *who == report.who && is_on => {
                life.signs.push(at);
                break;
            }
            Event::Word { who } if *who == report.who && is_on => {
                life.signs.push(at);
                life.shown_at = life.shown_at.or(Some(at));
            }
            event @ Event::Sent { id, who, route, place, .. } => {
                sent.insert(*id, event);
                if *who == report.who && is_on {
                    life.signs.push(at);
                    life.requests += 1;
                    match (route, place) {
                        (Route::Write, Some(place)) => life.writes.push((at, *place)),
                        (Route::WriteSetting, _) => life.setting_writes.push(at),
                        _ => {}
                    }
                }
            }
            Event::Answer { id, status, body } if is_on => {
                if let Some(event @ Event::Sent { who, .. }) = sent.get(id).filter(|event| is_by(event, report.who)) {
                    debug_assert_eq!(*who, report.who);
                    life.view.hear(at, truth, event, *status, body);
                }
            }
            Event::Effect { id, tenant } => {
                if let Some(Event::Sent { who, place: Some(place), .. }) = sent.get(id)
                    && *who == report.who
                    && is_on
                {
                    life.effects.push((*place, truth, tenant));
                }
                truth = tenant;
                life.states.extend(is_on.then_some(truth));
            }
            Event::Outside { tenant, .. } => {
                truth = tenant;
                life.states.extend(is_on.then_some(truth));
            }
            Event::StopAsked { twice } if is_on && report.who == 0 && life.stopped.is_none() => {
                life.stopped = Some((at, *twice));
            }
            _ => {}
        }
    }
    life
}

fn is_by(event: &Event, wanted: Who) -> bool {
    matches!(event, Event::Sent { who, .. } if *who == wanted)
}
