//! A hub that only listens: it gives a token, keeps every call, and answers what the test scripted. One
//! call per connection, plain tokio TCP, so that it shares nothing with the servers under test.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// One call the hub got.
#[derive(Clone, Debug)]
pub struct Got {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

/// The listening hub.
pub struct FakeHub {
    pub url: String,
    calls: Arc<Mutex<Vec<Got>>>,
    seen: watch::Receiver<usize>,
}

impl FakeHub {
    /// Listens; `answer` gets every call but those to an issuer.
    pub async fn listen(answer: impl Fn(&Got) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (tell, seen) = watch::channel(0);
        let own_url = url.clone();
        let held = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Some((got, stream)) = read(stream).await else { continue };
                let (status, body) = as_issuer(&got, &own_url).unwrap_or_else(|| answer(&got));
                let count = {
                    let mut calls = held.lock().expect("calls");
                    calls.push(got);
                    calls.len()
                };
                write(stream, status, &body).await;
                let _ = tell.send(count);
            }
        });
        Self { url, calls, seen }
    }

    /// The calls so far whose request line contains this.
    pub fn calls(&self, part: &str) -> Vec<Got> {
        let calls = self.calls.lock().expect("calls");
        calls.iter().filter(|got| got.line.contains(part)).cloned().collect()
    }

    /// Waits until so many calls of that line came.
    pub async fn wait_for(&self, part: &str, count: usize) -> Vec<Got> {
        let mut seen = self.seen.clone();
        while self.calls(part).len() < count {
            seen.changed().await.expect("a hub that listens");
        }
        self.calls(part)
    }
}

/// It is its own issuer: discovery, and a token for anyone.
fn as_issuer(got: &Got, url: &str) -> Option<(u16, Value)> {
    if got.line.contains("/token") {
        return Some((200, json!({ "access_token": "t1", "token_type": "Bearer", "expires_in": 300 })));
    }
    let discovery = got.line.contains("/.well-known/openid-configuration");
    let (keys, token) = (format!("{url}/jwks"), format!("{url}/token"));
    discovery.then(|| (200, json!({ "issuer": url, "jwks_uri": keys, "token_endpoint": token })))
}

async fn read(mut stream: TcpStream) -> Option<(Got, TcpStream)> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let line = lines.next()?.to_owned();
            let pairs = lines.filter_map(|line| line.split_once(": "));
            let headers: BTreeMap<_, _> =
                pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
            let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap_or(0));
            if body.len() >= length {
                let body = serde_json::from_str(body).unwrap_or(Value::String(body.to_owned()));
                return Some((Got { line, headers, body }, stream));
            }
        }
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
    }
}

async fn write(mut stream: TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}
