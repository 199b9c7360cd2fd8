//! Counts the units of others in a run: those that readings show, and those that only the tenant's own totals show.

use std::time::Duration;

use tokio::time::Instant;

use super::comparison::grouped;
use super::event::ApplyEvent;
use super::executor::Executor;
use crate::model::document::EnvironmentDocument;
use crate::model::terms::EnvironmentId;
use crate::net::clock::later;
use crate::provider::port::ListingCost;

impl Executor<'_, '_> {
    /// Books the tenant's newest totals, of a read that began at this turn. Totals that are unknown change nothing.
    pub(super) fn count_totals(&mut self, turn: u64) {
        let (figures, writes) = (&self.confirmer.figures, &self.sender.writes);
        let sent = writes.under_way();
        let totals = self.others.totals_to_book(
            &self.confirmer.snapshots,
            &writes.schedule,
            |pool| figures.count(pool),
            |index| sent.contains(&index),
        );
        self.sender.writes.count(totals, turn);
    }

    /// Waits, if the next write needs units that the tenant counts as allocated and that no reading shows, until the totals change or the
    /// confirmation timeout is over.
    pub(super) fn await_totals(&mut self) {
        if !self.sender.writes.schedule.awaits_totals() {
            self.totals_deadline = None;
            return;
        }
        let now = Instant::now();
        match self.totals_deadline {
            Some(deadline) if deadline <= now => self.sender.writes.schedule.trust_totals(),
            Some(_) => {}
            None => {
                self.totals_deadline = Some(later(now, self.ports.options.confirm_timeout));
                self.confirmer.read_soon();
                let excess = self.sender.writes.schedule.excess();
                let why = excess.map(|(pool, counted, seen)| {
                    let (pool, counted, seen) = (pool.display_name(), grouped(counted), grouped(seen));
                    format!("the tenant counts {counted} {pool}, where {seen} are expected")
                });
                let why = why.unwrap_or_default().into();
                self.tell(&ApplyEvent::Retrying { environment: None, why, after: Duration::ZERO });
            }
        }
    }

    /// Counts what others allocated, as the last listing shows it.
    pub(super) fn count_listing(&mut self) {
        for (pool, units) in self.others.count_listing(&self.confirmer.snapshots, &self.sender.writes.schedule) {
            self.sender.writes.schedule.add_foreign(&pool, units);
        }
    }

    /// Counts again what others allocated where a write of ours ended without being applied: the last reading may have been taken for its
    /// effect.
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
