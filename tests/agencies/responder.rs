//! A loopback server that answers as it is told and remembers what it was asked. Not an HTTP server: one
//! request to a connection, as much of the protocol as the adapters use.

use std::sync::{Arc, Mutex};

use adapters::Link;
use casework::Sensitive;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: String,
    /// As it came, letter by letter.
    pub head: String,
    pub body: String,
}

/// What to do with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers: status, further header lines, body.
    Answer(u16, &'static str, String),
    /// Never answers.
    Silence,
    /// Ends the connection without an answer.
    Reset,
}

/// A running responder.
pub struct Responder {
    address: String,
    seen: Arc<Mutex<Vec<Asked>>>,
}

impl Responder {
    /// Answers every request by `reply`, until the test's runtime ends.
    pub async fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (memory, reply) = (Arc::clone(&seen), Arc::new(reply));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&memory), Arc::clone(&reply)));
            }
        });
        Self { address, seen }
    }

    /// A link to it.
    pub fn link(&self) -> Link {
        link(&self.address)
    }

    /// `GET /path` and so on, in order.
    pub fn calls(&self) -> Vec<String> {
        self.seen().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// All it was asked.
    pub fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }
}

/// A link to an address.
pub fn link(address: &str) -> Link {
    let rules =
        egress::Rules { allow: vec![address.to_owned()], loopback_http: true, ..egress::Rules::default() };
    Link {
        endpoint: format!("http://{address}/").parse().unwrap(),
        secret: Sensitive::new("test-secret".to_owned()),
        http: egress::Client::new(rules).unwrap(),
    }
}

/// An address nobody listens at.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Asked>>>,
    reply: Arc<impl Fn(&Asked) -> Reply + Send + Sync>,
) {
    let Some(asked) = read(&mut stream).await else { return };
    seen.lock().unwrap().push(asked.clone());
    match reply(&asked) {
        Reply::Answer(status, headers, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
        Reply::Silence => std::future::pending::<()>().await,
        Reply::Reset => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let headers = head.to_lowercase();
            let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                let mut first = head.lines().next()?.split(' ');
                let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
                return Some(Asked { method, path, headers, head: head.to_owned(), body: body.to_owned() });
            }
        }
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..read]);
    }
}
