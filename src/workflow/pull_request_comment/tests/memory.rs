//! A host in memory, which other runs and people use, too.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::forge::port::{
    Closed, CommitStatus, Forge, ForgeError, ForgeErrorKind, ForgeFuture, OwnComment, OwnComments, PullRequest,
    PullRequestNumber,
};

/// A host in memory.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) comments: Mutex<Vec<OwnComment>>,
    pub(super) statuses: Mutex<Vec<CommitStatus>>,
    pub(super) calls: Mutex<Vec<String>>,
    pub(super) next: AtomicUsize,
    pub(super) longest: usize,
    pub(super) is_fork: bool,
    pub(super) only_first: Option<usize>,
    pub(super) closed: Option<Closed>,
    /// Whether a person deletes the comment before the next update of it.
    pub(super) deletes_first: AtomicBool,
    /// How the next writes fail, the last entry first, and whether they take effect all the same. `None` succeeds.
    pub(super) faults: Mutex<Vec<Option<(ForgeErrorKind, bool)>>>,
    /// What another run writes at the same time as the next new comment is written.
    pub(super) rival: Mutex<Option<Rival>>,
}

/// What another run writes: a little before, or a little after.
pub(super) enum Rival {
    Before(String),
    After(String),
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { longest: 65_536, ..Memory::default() }
    }

    pub(super) fn bodies(&self) -> Vec<String> {
        self.comments.lock().unwrap().iter().map(|comment| comment.body.clone()).collect()
    }

    pub(super) fn add(&self, body: &str) -> OwnComment {
        let comment = OwnComment { id: self.next.fetch_add(1, Ordering::Relaxed).to_string(), body: body.to_owned() };
        self.comments.lock().unwrap().push(comment.clone());
        comment
    }

    /// Lets the next status succeed, and the write after it fail.
    pub(super) fn fail_comment(&self, kind: ForgeErrorKind, takes_effect: bool) {
        self.faults.lock().unwrap().extend([Some((kind, takes_effect)), None]);
    }

    /// Notes a call, and does it unless it fails without effect.
    fn write<T>(&self, call: &str, act: impl FnOnce() -> T) -> Result<T, ForgeError> {
        self.calls.lock().unwrap().push(call.to_owned());
        let fault = self.faults.lock().unwrap().pop().flatten();
        match fault {
            None => Ok(act()),
            Some((kind, took_effect)) => {
                if took_effect {
                    act();
                }
                Err(ForgeError::new(kind, "a fault"))
            }
        }
    }
}

impl Forge for Memory {
    fn name(&self) -> &'static str {
        "Memory"
    }

    fn longest_comment(&self) -> usize {
        self.longest
    }

    fn pull_request(&self, number: PullRequestNumber) -> ForgeFuture<'_, PullRequest> {
        Box::pin(async move { Ok(PullRequest { number, head: "abc".into(), is_from_fork: self.is_fork }) })
    }

    fn pull_request_of<'a>(&'a self, commit: &'a str) -> ForgeFuture<'a, Option<PullRequestNumber>> {
        Box::pin(async move { Ok((commit == "merged").then_some(PullRequestNumber(7))) })
    }

    fn own_comments(&self, _: PullRequestNumber) -> ForgeFuture<'_, OwnComments> {
        Box::pin(async move {
            Ok(OwnComments { comments: self.comments.lock().unwrap().clone(), only_first: self.only_first })
        })
    }

    fn closed(&self, _: PullRequestNumber) -> ForgeFuture<'_, Option<Closed>> {
        Box::pin(async move { Ok(self.closed) })
    }

    fn create<'a>(&'a self, _: PullRequestNumber, body: &'a str, _: bool) -> ForgeFuture<'a, OwnComment> {
        Box::pin(async move {
            if self.closed.is_some() {
                return Err(ForgeError::new(ForgeErrorKind::Denied, "no comment"));
            }
            self.write("create", || {
                let rival = self.rival.lock().unwrap().take();
                if let Some(Rival::Before(rival)) = &rival {
                    self.add(rival);
                }
                let ours = self.add(body);
                if let Some(Rival::After(rival)) = &rival {
                    self.add(rival);
                }
                ours
            })
        })
    }

    fn update<'a>(
        &'a self,
        _: PullRequestNumber,
        comment: &'a OwnComment,
        body: &'a str,
        _: bool,
    ) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            if self.deletes_first.swap(false, Ordering::Relaxed) {
                self.comments.lock().unwrap().retain(|kept| kept.id != comment.id);
                return Err(ForgeError::new(ForgeErrorKind::NotFound, "no such comment"));
            }
            self.write("update", || {
                let mut comments = self.comments.lock().unwrap();
                let found = comments.iter_mut().find(|kept| kept.id == comment.id).expect("it is there");
                found.body = body.to_owned();
            })
        })
    }

    fn hide<'a>(&'a self, _: PullRequestNumber, comment: &'a OwnComment) -> ForgeFuture<'a, ()> {
        Box::pin(
            async move { self.write("hide", || self.comments.lock().unwrap().retain(|kept| kept.id != comment.id)) },
        )
    }

    fn set_status<'a>(&'a self, _: &'a PullRequest, status: &'a CommitStatus) -> ForgeFuture<'a, ()> {
        Box::pin(async move { self.write("status", || self.statuses.lock().unwrap().push(status.clone())) })
    }
}
