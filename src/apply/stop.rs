//! The handle that ends a run early: the first request lets writes in flight finish, the second ends the run at once.
//!
//! No request can be taken back, and every clone of a handle sees the same requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::{Receiver, Sender};

/// After the first stop request, the run waits for confirmations no longer than this.
pub(super) const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// The reason for which a stopped run does not send a write.
pub(super) const STOPPED: &str = "the run was stopped";

/// The reason for which a stopped run does not know the result of a write that was answered.
pub(super) const UNCONFIRMED_AT_STOP: &str = "the run was stopped before the write was confirmed";

/// The urgency of the requests so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// No request.
    #[default]
    None,
    /// Finish the writes in flight and send nothing more.
    Finish,
    /// End at once, whichever writes are in flight.
    Now,
}

/// The handle, at first without requests. One clone belongs to the run, another to the handler of the signal.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Sender<Urgency>>);

impl Stop {
    /// Asks the run to stop: to finish the first time, to end at once from the second time on.
    pub fn request(&self) {
        self.0.send_modify(|urgency| {
            *urgency = match urgency {
                Urgency::None => Urgency::Finish,
                Urgency::Finish | Urgency::Now => Urgency::Now,
            };
        });
    }

    /// The urgency of the requests so far.
    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Waits until the requests are at least this urgent.
    pub async fn reached(&self, urgency: Urgency) {
        let mut requests: Receiver<Urgency> = self.0.subscribe();
        // This handle keeps the sender alive. Without a sender there could be no more requests.
        if requests.wait_for(|asked| *asked >= urgency).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stop, Urgency};

    #[tokio::test]
    async fn a_second_request_is_more_urgent_and_every_clone_sees_both() {
        let stop = Stop::default();
        let clone = stop.clone();
        assert_eq!(clone.urgency(), Urgency::None);
        stop.request();
        assert_eq!(clone.urgency(), Urgency::Finish);
        clone.reached(Urgency::Finish).await;
        let waiting = tokio::spawn(async move { clone.reached(Urgency::Now).await });
        stop.request();
        waiting.await.unwrap();
        stop.request();
        assert_eq!(stop.urgency(), Urgency::Now);
    }
}
