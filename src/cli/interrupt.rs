//! Ctrl-C, heard from the moment somebody listens: none is lost between two waits, and none kills the process.

use std::future;

use anyhow::Context as _;

#[cfg(unix)]
type Signal = tokio::signal::unix::Signal;
#[cfg(windows)]
type Signal = tokio::signal::windows::CtrlC;

/// Every Ctrl-C from here on. Each listener hears each of them.
pub struct Interrupts(Signal);

impl Interrupts {
    /// Begins to listen. Runs inside an event loop only.
    ///
    /// # Errors
    ///
    /// If the operating system provides no signals.
    pub fn listen() -> anyhow::Result<Interrupts> {
        Ok(Interrupts(listener().context("Ctrl-C cannot be listened for")?))
    }

    /// Returns at the next Ctrl-C, at once if one came since the last.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // The source of signals is gone, so no other will come.
            future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn listener() -> std::io::Result<Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn listener() -> std::io::Result<Signal> {
    tokio::signal::windows::ctrl_c()
}
