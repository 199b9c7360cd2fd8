//! The event loop of the process: one, on the calling thread.

use std::future::Future;

use anyhow::Context as _;

/// Runs a future to its end.
///
/// # Errors
///
/// If the operating system provides no event loop.
pub fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the event loop cannot be started")?;
    Ok(runtime.block_on(future))
}
