//! Listens for the signals that ask a process to end: Ctrl-C, and what a system or a CI host sends. After a listener is made, none of them
//! ends the process, and none is lost between two waits.

use std::future;

use anyhow::Context as _;

use super::exit;
use super::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::apply::Stop;

/// Ctrl-C, and SIGTERM of a system that shuts down or a CI host that cancels.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn recv(&mut self) -> Option<()> {
        tokio::select! {
            heard = self.interrupt.recv() => heard,
            heard = self.terminate.recv() => heard,
        }
    }
}

/// Windows has no SIGTERM. A process in a process group of its own gets Ctrl-Break but not Ctrl-C. Windows sends
/// `close` when the console is closed, and `shutdown` when the system shuts down, and ends the process soon afterwards.
#[cfg(windows)]
struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Signals> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Signals { ctrl_c: ctrl_c()?, ctrl_break: ctrl_break()?, close: ctrl_close()?, shutdown: ctrl_shutdown()? })
    }

    async fn recv(&mut self) -> Option<()> {
        tokio::select! {
            heard = self.ctrl_c.recv() => heard,
            heard = self.ctrl_break.recv() => heard,
            heard = self.close.recv() => heard,
            heard = self.shutdown.recv() => heard,
        }
    }
}

/// A listener for Ctrl-C and SIGTERM, and on Windows for Ctrl-C, Ctrl-Break, a closed console and a shutdown. Every listener gets every
/// signal that is sent after it was made.
pub struct Interrupts(Signals);

impl Interrupts {
    /// Begins to listen. Runs inside an event loop only.
    ///
    /// # Errors
    ///
    /// If the operating system provides no signals.
    pub fn listen() -> anyhow::Result<Interrupts> {
        Ok(Interrupts(Signals::listen().context("cannot listen for Ctrl-C")?))
    }

    /// Waits for the next signal. Returns at once if one came since the last call.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // The source of signals is gone, so no other will come.
            future::pending::<()>().await;
        }
    }
}

/// From now on, a signal calls `clean_up` and ends the process, whatever it does. For commands that change nothing in a tenant: they can be
/// stopped anywhere, but must not leave temporary folders behind.
///
/// # Errors
///
/// If the operating system provides no signals or no thread.
pub fn end_on_interrupt(clean_up: fn()) -> anyhow::Result<()> {
    on_interrupt(move || {
        clean_up();
        end();
    })
}

#[expect(
    clippy::exit,
    reason = "the main thread may wait for another program, and nothing is written that has to be finished"
)]
fn end() -> ! {
    std::process::exit(i32::from(exit::code(Ending::Interrupted)))
}

/// From now on, requests `stop` at every signal.
///
/// # Errors
///
/// If the operating system provides no signals or no thread.
pub fn request_on_interrupt(stop: Stop) -> anyhow::Result<()> {
    on_interrupt(move || stop.request())
}

/// Calls `react` at every signal. The signals have a thread and an event loop of their own, because the main thread may wait for another
/// program, or write to the built-in tenant without a pause.
fn on_interrupt(mut react: impl FnMut() + Send + 'static) -> anyhow::Result<()> {
    let (ready, is_ready) = std::sync::mpsc::channel();
    let listen = move || {
        let listened = block_on(async {
            let listening = Interrupts::listen();
            let failed = listening.as_ref().err().map(ToString::to_string);
            // The main thread waits for this message, so sending cannot fail.
            let _ = ready.send(failed);
            let Ok(mut interrupts) = listening else { return };
            loop {
                interrupts.next().await;
                react();
            }
        });
        // Without an event loop, the channel is closed without a message.
        drop(listened);
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).context("cannot listen for Ctrl-C")?;
    match is_ready.recv().context("cannot listen for Ctrl-C")? {
        None => Ok(()),
        Some(why) => Err(anyhow::anyhow!(why)),
    }
}
