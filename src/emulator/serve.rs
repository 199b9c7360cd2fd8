//! The emulator on a socket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::router::router;
use super::state::Emulator;

/// A bound socket that nobody answers on yet.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Binds; port 0 takes any that is free.
    ///
    /// # Errors
    ///
    /// Where the address is taken or is not this machine's.
    pub async fn at(address: SocketAddr) -> io::Result<Bound> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Bound { listener, address })
    }

    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is told to stop. What is under way is answered first.
    ///
    /// # Errors
    ///
    /// Where the socket fails.
    pub async fn serve(
        self,
        emulator: &Arc<Emulator>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        axum::serve(self.listener, router(emulator)).with_graceful_shutdown(stop).await
    }
}
