//! Counts the units of others in a run: those that readings show, and those that only the tenant's own totals show.

use std::time::Duration;

use tokio::time::Instant;

use super::comparison::grouped;
use super::event::ApplyEvent;
use super::executor::{Executor, TotalsWait};
use crate::model::document::EnvironmentDocument;
use crate::model::terms::EnvironmentId;
use crate::net::clock::later;
use crate::net::retry::seconds;
use crate::provider::port::ListingCost;

impl Executor<'_, '_> {
    /// Books the tenant's newest totals. Their read began at this turn. Unknown totals change nothing.
    pub(super) fn count_totals(&mut self, turn: u64) {
        let (newest, snapshots) = (&self.confirmer.totals, &self.confirmer.snapshots);
        let writes = &mut self.sender.writes;
        let totals = self.others.totals_to_book(snapshots, &writes.schedule, |pool| newest.count(pool));
        writes.count(totals, turn, |environment| snapshots.last_known(environment));
    }

    /// Waits for a newer total if the tenant's total is the only reason why the next write lacks units. Trusts the first
    /// total that is read after the confirmation timeout, even if it is unchanged.
    pub(super) fn await_totals(&mut self) {
        let schedule = &mut self.sender.writes.schedule;
        let Some((pool, counted, seen)) = schedule.awaited_total() else { return };
        let (pool, now) = (pool.clone(), Instant::now());
        let Some(wait) = self.totals_waits.get_mut(&pool) else {
            self.totals_waits.insert(pool, TotalsWait { since: now, is_reported: false });
            return self.confirmer.read_soon();
        };
        let deadline = later(wait.since, self.ports.options.confirm_timeout);
        let read_at = self.confirmer.totals.read_at();
        let has_read_since = |instant| read_at.is_some_and(|at| instant <= at);
        if has_read_since(deadline) {
            return schedule.trust_total(&pool);
        }
        if deadline <= now {
            self.confirmer.read_soon();
        }
        // Report only after another total was read: the first may have been read while our own write was in flight.
        if has_read_since(wait.since) && !std::mem::replace(&mut wait.is_reported, true) {
            let (counted, pool, seen) = (grouped(counted), pool.display_name(), grouped(seen));
            let longest = seconds(self.ports.options.confirm_timeout);
            let difference = format!("the tenant counts {counted} {pool}, but {seen} are expected");
            let why = format!("{difference}; the run waits at most {longest} for a new count").into();
            self.report_event(&ApplyEvent::Retrying { environment: None, why, after: Duration::ZERO });
        }
    }

    /// Counts what others allocated, as the last listing shows it.
    pub(super) fn count_listing(&mut self) {
        for (pool, units) in self.others.count_listing(&self.confirmer.snapshots, &self.sender.writes.schedule) {
            self.sender.writes.schedule.add_foreign(&pool, units);
        }
    }

    /// Recounts what others allocated in environments where a write of ours ended without being applied. Until then,
    /// units that matched its target were attributed to the write.
    pub(super) fn count_after_failures(&mut self) {
        for environment in std::mem::take(&mut self.sender.not_applied) {
            let schedule = &mut self.sender.writes.schedule;
            for (pool, units) in self.others.count_changes(&environment, &self.confirmer.snapshots, schedule) {
                schedule.add_foreign(&pool, units);
            }
        }
    }

    /// Counts what others allocated to one environment, unless listings show it anyway.
    pub(super) fn count_environment(&mut self, environment: &EnvironmentId, document: &EnvironmentDocument) {
        if self.ports.reader.listing_cost() == ListingCost::OneRequest {
            return;
        }
        for (pool, units) in self.others.count_environment(environment, document, &self.sender.writes.schedule) {
            self.sender.writes.schedule.add_foreign(&pool, units);
        }
    }
}
