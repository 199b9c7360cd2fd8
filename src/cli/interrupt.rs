//! Listens for Ctrl-C. Once a listener exists, no Ctrl-C ends the process, and none is lost between two waits.

use std::future;

use anyhow::Context as _;

use crate::workflow::apply::Stop;

#[cfg(unix)]
type Signal = tokio::signal::unix::Signal;
/// Windows has two signals: a process in a process group of its own gets Ctrl-Break, but not Ctrl-C.
#[cfg(windows)]
struct Signal {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Signal {
    async fn recv(&mut self) -> Option<()> {
        tokio::select! {
            heard = self.ctrl_c.recv() => heard,
            heard = self.ctrl_break.recv() => heard,
        }
    }
}

/// A listener for Ctrl-C, and on Windows for Ctrl-Break. Every listener gets every signal that is sent after it was made.
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

    /// Waits for the next Ctrl-C. Returns at once if one came since the last call.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // The source of signals is gone, so no other will come.
            future::pending::<()>().await;
        }
    }
}

/// From now on, requests `stop` at every Ctrl-C.
///
/// # Errors
///
/// If the operating system provides no signals.
pub fn request_on_interrupt(stop: Stop) -> anyhow::Result<()> {
    let mut interrupts = Interrupts::listen()?;
    tokio::spawn(async move {
        loop {
            interrupts.next().await;
            stop.request();
        }
    });
    Ok(())
}

#[cfg(unix)]
fn listener() -> std::io::Result<Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn listener() -> std::io::Result<Signal> {
    use tokio::signal::windows::{ctrl_break, ctrl_c};
    Ok(Signal { ctrl_c: ctrl_c()?, ctrl_break: ctrl_break()? })
}
