//! Ctrl-C, heard from the moment somebody listens: none is lost between two waits, and none kills the process.

use anyhow::Context as _;

use super::tenant::block_on;

#[cfg(unix)]
type Signal = tokio::signal::unix::Signal;
#[cfg(windows)]
type Signal = tokio::signal::windows::CtrlC;

/// Every Ctrl-C from here on. Each listener hears each of them.
pub struct Interrupts(Signal);

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// Where the machine gives no event loop or no signals.
    pub fn listen() -> anyhow::Result<Interrupts> {
        let signal = block_on(async { listener() })?;
        Ok(Interrupts(signal.context("Ctrl-C cannot be listened for")?))
    }

    /// Returns at the next Ctrl-C, at once where one came since the last.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // Nobody can press it any more.
            std::future::pending::<()>().await;
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
