//! One write on its way: what it changes, how far it has come, and what a look at the tenant says of it.

use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::cells::{Standing, held, standing};
use super::patience::{delays, looks};
use crate::model::document::EnvironmentDocument;
use crate::model::observed::Reading;
use crate::model::plan::change::{Change, EnvironmentRef};
use crate::model::run::Outcome;

/// How far a write has come.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// To be sent once its environment was read.
    Queued,
    /// To be sent again later: the tenant did not take it for now.
    Parked { until: Instant, why: Arc<str> },
    /// Open.
    Sending,
    /// Answered, or of unknown fate; what became of it shows by reading.
    Showing(Showing),
}

/// A write that has to show.
#[derive(Clone, Debug)]
pub(super) struct Showing {
    /// Since when.
    pub(super) since: Instant,
    /// Reads that began before this turn say nothing of it.
    pub(super) turn: u64,
    /// Where it is looked at alone, not before.
    pub(super) look_from: Instant,
    /// From then on it is not waited for any longer.
    pub(super) deadline: Instant,
    /// Why its fate is unknown; `None` where the tenant said that it took effect.
    pub(super) doubt: Option<Arc<str>>,
}

/// What a look says of a write that has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// It took effect.
    Shows,
    /// It did not take effect, and may be sent again.
    SendAgain,
    /// Not yet; look again.
    NotYet,
    /// It is over.
    Over(Outcome),
}

/// One write on its way.
pub(super) struct Work {
    /// Where.
    pub(super) environment: EnvironmentRef,
    /// Indexes of the draft's changes that go with it.
    pub(super) indexes: Vec<usize>,
    /// These changes.
    pub(super) changes: Vec<Change>,
    /// How far it has come.
    pub(super) phase: Phase,
    /// When it was sent last.
    pub(super) sent_at: Instant,
    /// How often it was sent.
    pub(super) attempts: u32,
    /// Why its fate was unknown when it was sent again for that.
    pub(super) doubted: Option<Arc<str>>,
    /// Whether it is not sent again, whatever a look says.
    pub(super) is_last: bool,
    delays: ExponentialBackoff,
    looks: ExponentialBackoff,
}

impl Work {
    /// A write that is to be done.
    pub(super) fn new(environment: EnvironmentRef, indexes: Vec<usize>, changes: Vec<Change>, seed: u64) -> Work {
        Work {
            environment,
            indexes,
            changes,
            phase: Phase::Queued,
            sent_at: Instant::now(),
            attempts: 0,
            doubted: None,
            is_last: false,
            delays: delays(seed),
            looks: looks(seed),
        }
    }

    /// How long to wait before the next try; `None` where there were enough.
    pub(super) fn next_delay(&mut self) -> Option<Duration> {
        self.delays.next()
    }

    /// It does not show yet: it is looked at alone again after a while, and once more when its time is over.
    pub(super) fn look_later(&mut self, now: Instant) {
        let after = self.looks.next().unwrap_or_default();
        if let Phase::Showing(showing) = &mut self.phase {
            showing.look_from = showing.deadline.min(now + after);
        }
    }

    /// What has to show, where it is that far.
    pub(super) fn showing(&self) -> Option<&Showing> {
        match &self.phase {
            Phase::Showing(showing) => Some(showing),
            Phase::Queued | Phase::Parked { .. } | Phase::Sending => None,
        }
    }

    /// Whether it takes one of the places for open writes.
    pub(super) fn takes_a_place(&self) -> bool {
        match self.phase {
            Phase::Sending | Phase::Parked { .. } => true,
            // What is sent again gave its place away while it was looked at.
            Phase::Queued => self.attempts == 0,
            Phase::Showing(_) => false,
        }
    }

    /// Whether its environment must be left alone until it is settled.
    pub(super) fn holds_environment(&self) -> bool {
        !matches!(self.phase, Phase::Queued)
    }

    /// What an answer amounts to: the write's wish, or why there is doubt.
    pub(super) fn doubt_of(&self, answer: &EnvironmentDocument) -> Option<Arc<str>> {
        match standing(&self.changes, answer) {
            Standing::After => None,
            Standing::Before => Some("the tenant answered with what was held before".into()),
            Standing::Moved(found) => Some(format!("the tenant answered with something else ({found})").into()),
        }
    }

    /// What became of it, where its fate was unknown once: whatever was said later, it may still take effect.
    pub(super) fn with_doubt(&self, outcome: Outcome) -> Outcome {
        match (&self.doubted, outcome) {
            (Some(doubt), Outcome::Refused { why, .. } | Outcome::NotSent { why }) => {
                Outcome::Unconfirmed { why: format!("{doubt}; then: {why}").into() }
            }
            (_, outcome) => outcome,
        }
    }

    /// What a look says of it.
    pub(super) fn judge(&self, showing: &Showing, reading: &Reading<EnvironmentDocument>, now: Instant) -> Sight {
        let found = match held(reading).map(|document| standing(&self.changes, &document)) {
            Ok(Standing::After) => return Sight::Shows,
            Ok(Standing::Before) if showing.doubt.is_some() && !self.is_last => return Sight::SendAgain,
            Ok(Standing::Before) => "reading still shows what was held before".to_owned(),
            Ok(Standing::Moved(found)) if showing.doubt.is_some() => {
                let doubt = showing.doubt.as_deref().unwrap_or_default();
                let why = format!("{doubt}; then somebody else's amounts were found ({found})");
                return Sight::Over(Outcome::Stale { why: why.into() });
            }
            Ok(Standing::Moved(found)) => format!("somebody else changed it afterwards ({found})"),
            Err(unknown) => format!("it could not be read ({unknown})"),
        };
        if now < showing.deadline {
            return Sight::NotYet;
        }
        let why = match &showing.doubt {
            Some(doubt) => format!("{doubt}; {found}"),
            None => format!("the tenant took it, but {found}"),
        };
        Sight::Over(Outcome::Unconfirmed { why: why.into() })
    }
}
