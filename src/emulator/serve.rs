//! The emulator on a socket, in plain text or with TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::net::TcpListener;

use super::names::{Authority, Names};
use super::router::router;
use super::state::Emulator;
use super::tls::Identity;

/// The time for the responses in flight after a stop request.
const GRACE: Duration = Duration::from_secs(2);

/// A bound socket, before it answers.
pub struct Bound {
    listener: TcpListener,
    /// The address, with the actual port.
    pub address: SocketAddr,
}

impl Bound {
    /// Binds an address. Port 0 takes any free port.
    ///
    /// # Errors
    ///
    /// If the address is in use, or is not an address of this machine.
    pub async fn at(address: SocketAddr) -> io::Result<Bound> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Bound { listener, address })
    }

    /// Answers to the names of the address and to further names, until `stop` completes.
    ///
    /// # Errors
    ///
    /// If the socket fails.
    pub async fn serve(
        self,
        emulator: &Arc<Emulator>,
        identity: Option<&Identity>,
        further: &[Authority],
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let handle = Handle::new();
        let names = Names::new(emulator.options.scheme, self.address, further);
        let service = router(emulator, names).into_make_service();
        let listener = self.listener.into_std()?;
        let serving = async {
            match identity {
                None => axum_server::from_tcp(listener)?.handle(handle.clone()).serve(service).await,
                Some(identity) => {
                    let config = RustlsConfig::from_config(Arc::clone(&identity.config));
                    axum_server::from_tcp_rustls(listener, config)?.handle(handle.clone()).serve(service).await
                }
            }
        };
        let stopping = async {
            stop.await;
            handle.graceful_shutdown(Some(GRACE));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            served = serving => served,
            () = stopping => Ok(()),
        }
    }
}
