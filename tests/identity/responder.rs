//! A tiny server for an issuer's two documents: a table of paths that tests may change, and counts of what
//! was asked for. It is no HTTP implementation.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

#[derive(Default)]
struct Served {
    pages: HashMap<String, (u16, String)>,
    asked: HashMap<String, usize>,
    held: Option<Arc<Semaphore>>,
}

pub struct Responder {
    pub address: SocketAddr,
    served: Arc<Mutex<Served>>,
}

impl Responder {
    pub async fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::new(Mutex::new(Served::default()));
        let shared = Arc::clone(&served);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shared)));
            }
        });
        Self { address, served }
    }

    pub fn serve(&self, path: &str, status: u16, body: impl Into<String>) {
        self.served.lock().unwrap().pages.insert(path.to_owned(), (status, body.into()));
    }
    /// Holds every answer back until the gate that is returned gets permits.
    pub fn hold(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.served.lock().unwrap().held = Some(Arc::clone(&gate));
        gate
    }
    pub fn asked(&self, path: &str) -> usize {
        self.served.lock().unwrap().asked.get(path).copied().unwrap_or(0)
    }
}

async fn answer(mut stream: TcpStream, served: Arc<Mutex<Served>>) {
    let mut seen = Vec::new();
    let mut chunk = [0_u8; 2048];
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        seen.extend_from_slice(&chunk[..read]);
    }
    let text = String::from_utf8_lossy(&seen).into_owned();
    let path = text.split(' ').nth(1).unwrap().to_owned();
    let ((status, body), held) = {
        let mut served = served.lock().unwrap();
        *served.asked.entry(path.clone()).or_default() += 1;
        let page = served.pages.get(&path).cloned().unwrap_or((404, String::new()));
        (page, served.held.clone())
    };
    if let Some(gate) = held {
        gate.acquire().await.unwrap().forget();
    }
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}
