//! Looking: when the tenant is read, and what that says of writes that have to show and of what others do meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Pass, said};
use crate::apply::event::ApplyEvent;
use crate::apply::patience::{LONGEST_WAIT, asked_to_wait, looks};
use crate::apply::reads::{FRESH, Scope, Seen};
use crate::apply::work::{Phase, Showing, Sight, Work};
use crate::model::document::EnvironmentDocument;
use crate::model::observed::Reading;
use crate::model::run::Outcome;
use crate::model::terms::EnvironmentId;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::{ListingCost, ProviderError, ProviderErrorKind};

/// While other writes are open, and some wait for units, those that were answered are looked at together, the first after so
/// long. Where none waits, there is no hurry: the listing that is read for freshness serves them, too.
const LOOK_TOGETHER: Duration = Duration::from_secs(2);
/// A tenant that cannot be read so often in a row is given up.
const READS_IN_A_ROW: u32 = 6;
/// So many single reads that are refused in a row tell of the caller and not of the environments.
const DENIED_IN_A_ROW: u32 = 3;

/// When to look at the tenant.
pub(super) enum Due {
    Now(Vec<Scope>),
    At(Instant),
    Never,
}

impl Pass<'_> {
    /// When to look, and at what.
    pub(super) fn look_due(&mut self, sending: bool) -> Due {
        match self.ports.reader.listing_cost() {
            ListingCost::OneRequest if self.reading.is_empty() => self.listing_due(sending),
            ListingCost::OneRequest => Due::Never,
            // A listing is under way that found out what it costs: it serves every environment.
            ListingCost::OnePerEnvironment if self.reading.contains(&Scope::All) => Due::Never,
            ListingCost::OnePerEnvironment => self.singles_due(sending),
        }
    }

    /// Writes that could go out if their environment had been read just now.
    fn unread(&self) -> Vec<WriteNumber> {
        let now = (self.ports.options.clock)();
        let is_unread = |number: &WriteNumber| {
            let work = self.active.get(number);
            work.is_some_and(|work| self.reads.fresh(&work.environment.id, now).is_none())
        };
        self.waiting_to_go().filter(is_unread).collect()
    }

    /// Each environment by itself, before it is written and until it shows: no other is read for its sake.
    fn singles_due(&mut self, sending: bool) -> Due {
        let now = Instant::now();
        let from = self.read_from.max(self.paused_until.unwrap_or(now));
        let unread = self.unread();
        let before = unread.iter().filter_map(|number| Some((self.active.get(number)?, now)));
        let after = self.active.values().filter_map(|work| Some((work, work.showing()?.look_from)));
        let wanted: BTreeMap<EnvironmentId, Instant> = before
            .chain(after)
            .map(|(work, at)| (work.environment.id.clone(), at.max(from)))
            .filter(|(id, _)| !self.reading.contains(&Scope::One(id.clone())))
            .collect();
        let places = self.ports.options.parallelism.get().saturating_sub(self.reading.len());
        // What waits longest comes first, so that none waits for ever.
        let mut due: Vec<(&Instant, &EnvironmentId)> =
            wanted.iter().filter(|(_, at)| **at <= now).map(|(id, at)| (at, id)).collect();
        due.sort();
        let due: Vec<Scope> = due.into_iter().take(places).map(|(_, id)| Scope::One(id.clone())).collect();
        if unread.is_empty() && !sending && !due.is_empty() {
            self.tell_waiting(self.active.len());
        }
        match wanted.values().min() {
            _ if !due.is_empty() => Due::Now(due),
            Some(at) if places > 0 => Due::At(*at),
            _ => Due::Never,
        }
    }

    fn tell_waiting(&mut self, unconfirmed: usize) {
        if !std::mem::replace(&mut self.told_waiting, true) {
            self.emit(&ApplyEvent::Waiting { unconfirmed });
        }
    }

    /// How long what was answered waits for company while others are being sent.
    fn wait_for_company(&self) -> Duration {
        let places = self.ports.options.parallelism.get();
        let a_place_is_free = self.active.values().filter(|work| work.takes_a_place()).count() < places;
        if a_place_is_free && self.schedule.unsent() > 0 { LOOK_TOGETHER } else { FRESH.unsigned_abs() }
    }

    /// One listing of all: at once for a write that could go out; for what has to show once nothing else can be done, or the
    /// first of it waits for a while.
    fn listing_due(&mut self, sending: bool) -> Due {
        let unread = self.unread();
        let showing = || self.active.iter().filter_map(|(number, work)| Some((*number, work.showing()?)));
        let Some(since) = showing().map(|(_, showing)| showing.since).min().or((!unread.is_empty()).then(Instant::now))
        else {
            return Due::Never;
        };
        let from = match (unread.is_empty(), sending) {
            (false, _) => since,
            (true, false) => self.look_from,
            (true, true) => self.look_from.max(since + self.wait_for_company()),
        };
        let from = from.max(self.read_from).max(self.paused_until.unwrap_or(from));
        if Instant::now() < from {
            return Due::At(from);
        }
        let mut wanted = unread.clone();
        wanted.extend(showing().map(|(number, _)| number));
        let unconfirmed = wanted.len() - unread.len();
        let scope = self.scope(&wanted);
        if unread.is_empty() && !sending {
            self.tell_waiting(unconfirmed);
        }
        Due::Now(vec![scope])
    }

    /// One listing, or one single read, whichever is fewer requests: a listing serves everything that is read or written in
    /// the next ten seconds, so a single read is fewer for the very last environment only.
    pub(super) fn scope(&self, wanted: &[WriteNumber]) -> Scope {
        match wanted {
            [one] if self.schedule.unsent() == 0 => match self.active.get(one) {
                Some(work) => Scope::One(work.environment.id.clone()),
                None => Scope::All,
            },
            _ => Scope::All,
        }
    }

    pub(super) fn look_soon(&mut self) {
        self.look_from = Instant::now();
        self.look_delays = looks(self.ports.options.jitter_seed);
        self.told_waiting = false;
    }

    /// Something does not show yet: looks again after a while, and once more when its time is over.
    pub(super) fn look_later(&mut self) {
        let later = Instant::now() + self.look_delays.next().unwrap_or(LOOK_TOGETHER);
        let deadlines = self.active.values().filter_map(|work| Some(work.showing()?.deadline));
        self.look_from = deadlines.min().map_or(later, |deadline| deadline.min(later));
    }

    /// A look came back.
    pub(super) fn seen(&mut self, seen: Seen) {
        match seen.result {
            Ok(readings) => {
                self.reads_failed = 0;
                self.denied = 0;
                let found = match &seen.scope {
                    Scope::All => None,
                    Scope::One(id) => readings.get(id).and_then(Reading::known).map(|held| (id.clone(), held.clone())),
                };
                self.reads.take_in(&seen.scope, seen.turn, (self.ports.options.clock)(), readings);
                match found {
                    Some((environment, document)) => self.count_what_others_took_of(&environment, &document),
                    None if seen.scope == Scope::All => self.count_what_others_took(),
                    None => {}
                }
                self.judge_what_shows(&seen.scope, seen.turn);
            }
            Err(error) => self.could_not_look(&seen.scope, seen.began, &error),
        }
    }

    /// Where the listing shows more of a pool than the books say, somebody else allocates, and what they took is not there for us.
    pub(super) fn count_what_others_took(&mut self) {
        let Some(listing) = self.reads.last_listing() else { return };
        for (pool, more) in self.others.listed(self.plan, listing) {
            self.schedule.also_held(&pool, more);
        }
    }

    /// The same for one environment, where nobody lists them all: what it holds beyond what the books say of it is not there
    /// for us.
    pub(super) fn count_what_others_took_of(&mut self, environment: &EnvironmentId, document: &EnvironmentDocument) {
        // A listing counts for all, and would count it again.
        if self.ports.reader.listing_cost() == ListingCost::OneRequest {
            return;
        }
        for (pool, more) in self.others.found(self.plan, environment, document) {
            self.schedule.also_held(&pool, more);
        }
    }

    pub(super) fn judge_what_shows(&mut self, scope: &Scope, turn: u64) {
        let (now, clock_now) = (Instant::now(), (self.ports.options.clock)());
        let mut sights = Vec::new();
        for (number, work) in &self.active {
            let Some(showing) = work.showing().filter(|showing| showing.turn < turn) else {
                continue;
            };
            if !scope.covers(&work.environment.id) {
                continue;
            }
            if let Some(reading) = self.reads.fresh(&work.environment.id, clock_now) {
                sights.push((*number, work.judge(showing, &reading, now)));
            }
        }
        let waits = sights.iter().any(|(_, sight)| *sight == Sight::NotYet);
        for (number, sight) in sights {
            match sight {
                Sight::Shows => {
                    // Whatever was answered: a service of which a write takes effect is in order.
                    self.breaker.worked();
                    self.budget.give_back();
                    self.settle(number, Outcome::Applied);
                }
                Sight::SendAgain => self.send_again(number),
                Sight::Over(outcome) => self.settle(number, outcome),
                Sight::NotYet => {
                    if let Some(work) = self.active.get_mut(&number) {
                        work.look_later(now);
                    }
                }
            }
        }
        if waits {
            self.look_later();
        }
    }

    pub(super) fn could_not_look(&mut self, scope: &Scope, began: Instant, error: &ProviderError) {
        let now = Instant::now();
        let asked = asked_to_wait(error).unwrap_or_default();
        let may_pass = error.kind.is_transient();
        // Reads that are under way together fail together, and are one failure.
        let is_first = self.failed_at.is_none_or(|failed_at| failed_at <= began);
        if may_pass && is_first {
            self.reads_failed += 1;
            self.failed_at = Some(now);
        }
        self.denied += u32::from(error.kind == ProviderErrorKind::Denied);
        let is_down = match may_pass {
            true => asked > LONGEST_WAIT || self.reads_failed >= READS_IN_A_ROW || (is_first && !self.budget.take()),
            // One environment may be forbidden; where several are, all of them are.
            false => self.denied >= DENIED_IN_A_ROW,
        };
        let gives_up = !may_pass || is_down;
        let covered = |work: &Work| scope.covers(&work.environment.id);
        let over = |showing: &Showing| gives_up || showing.deadline <= now;
        let lost: Vec<(WriteNumber, Outcome)> = self
            .active
            .iter()
            .filter(|(_, work)| covered(work))
            .filter_map(|(number, work)| match &work.phase {
                Phase::Showing(showing) if over(showing) => {
                    let why = showing.doubt.as_deref().unwrap_or("the tenant took it");
                    let why = format!("{why}; it could not be read afterwards: {error}").into();
                    Some((*number, Outcome::Unconfirmed { why }))
                }
                Phase::Queued if gives_up => {
                    let why = format!("what the environment holds could not be read: {error}").into();
                    Some((*number, Outcome::NotSent { why }))
                }
                Phase::Queued | Phase::Parked { .. } | Phase::Sending | Phase::Showing(_) => None,
            })
            .collect();
        for (number, outcome) in lost {
            self.settle(number, outcome);
        }
        if is_down || (gives_up && *scope == Scope::All) {
            return self.halt(&format!("the tenant could not be read: {error}"));
        }
        // It concerns one environment, which is settled, or was told already.
        if gives_up || !is_first {
            self.read_from = self.read_from.max(now + asked);
            return;
        }
        let after = self.look_delays.next().unwrap_or(LOOK_TOGETHER).max(asked);
        self.read_from = now + after;
        self.emit(&ApplyEvent::Retrying { environment: None, why: said(error), after });
    }
}
