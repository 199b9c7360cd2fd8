//! The handle with which somebody asks a run to end: once to finish what is in flight, twice to end at once.
//!
//! The first request may be taken back by nobody; every clone of a handle sees the same requests.

use std::sync::Arc;

use tokio::sync::watch::{Receiver, Sender};

/// How urgently somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody asks.
    None,
    /// Finish what is in flight, begin nothing new.
    Finish,
    /// End at once, whatever is in flight.
    Now,
}

/// The handle. Cloned freely: one clone goes to the run, another to whoever hears the signal.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Sender<Urgency>>);

impl Stop {
    /// A handle on which nobody has asked yet.
    pub fn new() -> Stop {
        Stop(Arc::new(Sender::new(Urgency::None)))
    }

    /// Asks once more: the first time to finish, from the second time on to end at once.
    pub fn request(&self) {
        self.0.send_modify(|urgency| {
            *urgency = match urgency {
                Urgency::None => Urgency::Finish,
                Urgency::Finish | Urgency::Now => Urgency::Now,
            };
        });
    }

    /// How urgently somebody asked so far.
    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Returns once somebody has asked at least so urgently; at once where that was so before.
    pub async fn reached(&self, urgency: Urgency) {
        let mut requests: Receiver<Urgency> = self.0.subscribe();
        // The sender cannot go away while this handle holds it; were it gone, nobody could ask any more.
        if requests.wait_for(|asked| *asked >= urgency).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Stop, Urgency};

    #[tokio::test]
    async fn asking_twice_is_more_urgent_than_once_and_every_clone_hears_it() {
        let stop = Stop::new();
        let heard = stop.clone();
        assert_eq!(heard.urgency(), Urgency::None);
        stop.request();
        assert_eq!(heard.urgency(), Urgency::Finish);
        heard.reached(Urgency::Finish).await;
        let waiting = tokio::spawn(async move { heard.reached(Urgency::Now).await });
        stop.request();
        waiting.await.unwrap();
        stop.request();
        assert_eq!(stop.urgency(), Urgency::Now);
    }
}
