//! One connection to the broker: opened within a bound, and taken down for certain. The library underneath
//! runs a thread of its own per connection; a connection that hangs (no answer to TLS or login, a dead
//! route) would keep that thread for ever, so a second handle on the socket stays here as a fuse.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::tcp::RustlsConnector;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{AsyncTcpStream, Connection, ConnectionProperties};
use tokio::time::timeout;

use super::End;

/// A polite close may take this long; then the socket goes.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// The largest frame asked for, in bytes; a larger message goes in several. The library keeps two buffers of
/// 32 frames for each connection, all of them in memory at once: with the broker's 128 KiB that is 8 MiB,
/// walked from end to end. A sealed referral fits into one frame of this size.
const FRAME_MAX: u32 = 16 * 1024;

/// A connection and its fuse.
pub(super) struct Link {
    pub(super) connection: Connection,
    fuse: Fuse,
}

/// A second handle on the socket.
#[derive(Clone, Default)]
struct Fuse(Arc<Mutex<Option<TcpStream>>>);

impl Fuse {
    fn fit(&self, socket: &impl AsFd) -> io::Result<()> {
        let second = TcpStream::from(socket.as_fd().try_clone_to_owned()?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(second);
        Ok(())
    }

    /// Ends the socket under whoever still waits on it.
    fn blow(&self) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(socket) = held {
            _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Link {
    /// Connects. No recovery by the library: its first `connect` hangs with it.
    pub(super) async fn open(
        mut uri: AMQPUri,
        tls: Arc<RustlsConnector>,
        name: &str,
        within: Duration,
    ) -> Result<Self, End> {
        uri.query.frame_max = Some(FRAME_MAX);
        let fuse = Fuse::default();
        let fitting = fuse.clone();
        let runtime = lapin::runtime::default_runtime()?;
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connecting = Connection::connector(
            uri,
            runtime,
            async move |uri, runtime| {
                let host = uri.authority.host.trim_start_matches('[').trim_end_matches(']').to_owned();
                let address = address(&host, uri.authority.port, within).await?;
                let reached = timeout(within, AsyncTcpStream::connect(&runtime, address)).await;
                let stream = reached.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
                if let AsyncTcpStream::Plain(plain) = &stream {
                    plain.get_ref().set_nodelay(true)?;
                    fitting.fit(plain.get_ref())?;
                }
                Ok(match uri.scheme {
                    AMQPScheme::AMQP => stream,
                    AMQPScheme::AMQPS => stream.into_rustls(&tls, &host).await?,
                })
            },
            properties,
        );
        match timeout(within, connecting).await {
            Ok(Ok(connection)) => Ok(Self { connection, fuse }),
            Ok(Err(error)) => {
                fuse.blow();
                Err(error.into())
            }
            Err(_) => {
                fuse.blow();
                Err(End::Silent("no connection within the time"))
            }
        }
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        _ = timeout(CLOSE_MAX, self.connection.close(200, "OK".into())).await;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.fuse.blow();
    }
}

/// The first address of a name.
async fn address(host: &str, port: u16, within: Duration) -> io::Result<std::net::SocketAddr> {
    let found = timeout(within, tokio::net::lookup_host((host, port))).await;
    let mut found = found.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    found.next().ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))
}
