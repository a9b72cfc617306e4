//! A TCP proxy on loopback between the hub and the broker. TLS passes through it untouched. It can cut what
//! passes, swallow everything in silence (a dead route), or let it pass.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    Free,
    /// Everything open is cut, and nothing new gets through.
    Cut,
    /// Bytes go nowhere and nobody is told. Connections made meanwhile hang too.
    Swallowed,
}

pub struct Proxy {
    pub port: u16,
    passing: Arc<watch::Sender<Passing>>,
}

impl Proxy {
    pub async fn start(broker_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let passing = Arc::new(watch::Sender::new(Passing::Free));
        let to = SocketAddr::from(([127, 0, 0, 1], broker_port));
        let held = Arc::clone(&passing);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, to, held.subscribe()));
            }
        });
        Self { port, passing }
    }

    pub fn set(&self, passing: Passing) {
        self.passing.send_replace(passing);
    }
}

async fn carry(near: TcpStream, to: SocketAddr, passing: watch::Receiver<Passing>) {
    let mut cut = passing.clone();
    let both = async {
        let far = TcpStream::connect(to).await?;
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        let there = copy(near_in, far_out, passing.clone());
        tokio::try_join!(there, copy(far_in, near_out, passing))
    };
    tokio::select! {
        _ = both => {}
        _ = cut.wait_for(|passing| *passing == Passing::Cut) => {}
    }
}

async fn copy(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut passing: watch::Receiver<Passing>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        // What was swallowed once would break the stream: it stays silent until it is cut.
        if *passing.borrow_and_update() == Passing::Swallowed {
            std::future::pending::<()>().await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}
