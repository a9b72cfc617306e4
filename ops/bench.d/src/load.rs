//! Load: each connection posts one message, waits for its answer, and posts the next, for some seconds. Every
//! request has an `Idempotency-Key` of its own. Written by hand over a socket, because the load runs on the
//! same two cores as what it measures: a client library would take a third of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use crate::Failure;
use crate::line::{Stream, open, trust};

/// Connections at most: this is a benchmark on one machine, not a way to bring one down.
const CONNECTIONS_MAX: usize = 512;
/// Seconds at most.
const SECONDS_MAX: u64 = 600;
/// An answer's head and body, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// A server that answers nothing for so long has stopped.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Args)]
pub struct Load {
    /// Where; loopback only.
    #[arg(long)]
    address: SocketAddr,
    /// The path that is posted to.
    #[arg(long, default_value = "/v1/referrals")]
    path: String,
    /// A file with the bearer token.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Certificates (PEM) that are believed; then it speaks TLS.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// Files with messages; taken in turn.
    #[arg(long = "body", required = true)]
    bodies: Vec<PathBuf>,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Requests each second, all connections together; 0 is as fast as answers come.
    #[arg(long, default_value_t = 0)]
    rate: u64,
}

/// A request up to its idempotency key, and from there on.
type Request = (Vec<u8>, Vec<u8>);

/// What one connection saw.
#[derive(Default)]
struct Seen {
    micros: Vec<u64>,
    statuses: BTreeMap<u16, u64>,
}

impl Load {
    pub fn run(self) -> Result<String, Failure> {
        if !self.address.ip().is_loopback() {
            return Err("--address has to be on loopback".into());
        }
        if self.connections == 0 || self.connections > CONNECTIONS_MAX || self.seconds > SECONDS_MAX {
            return Err(format!("at most {CONNECTIONS_MAX} connections and {SECONDS_MAX} seconds").into());
        }
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(self.all())
    }

    async fn all(self) -> Result<String, Failure> {
        let requests = self.requests()?;
        let trusted = self.ca_file.as_deref().map(trust).transpose()?;
        let started = Instant::now();
        let until = started + Duration::from_secs(self.seconds);
        // Requests are spread over connections, each with its own beat.
        let beat =
            (self.rate > 0).then(|| Duration::from_secs_f64(self.connections as f64 / self.rate as f64));
        let mut tasks = JoinSet::new();
        for number in 0..self.connections {
            let requests = requests.clone();
            let (address, trusted) = (self.address, trusted.clone());
            tasks.spawn(async move {
                let stream = open(address, trusted).await?;
                connection(stream, requests, number, until, beat).await
            });
        }
        let mut all = Seen::default();
        while let Some(seen) = tasks.join_next().await {
            let seen = seen??;
            all.micros.extend(seen.micros);
            for (status, count) in seen.statuses {
                *all.statuses.entry(status).or_default() += count;
            }
        }
        told(&all, started.elapsed())
    }

    /// Each message as head, up to the key, and what follows the key.
    fn requests(&self) -> Result<Vec<Request>, Failure> {
        let token = self.token_file.as_ref().map(std::fs::read_to_string).transpose()?;
        let bearer = token.map(|token| format!("authorization: Bearer {}\r\n", token.trim()));
        let bearer = bearer.unwrap_or_default();
        let request = |file: &PathBuf| {
            let body = std::fs::read(file)?;
            let head = format!(
                "POST {} HTTP/1.1\r\nhost: {}\r\n{bearer}content-type: application/json\r\nidempotency-key: ",
                self.path, self.address
            );
            let rest = format!("\r\ncontent-length: {}\r\n\r\n", body.len());
            Ok((head.into_bytes(), [rest.into_bytes(), body].concat()))
        };
        self.bodies.iter().map(request).collect()
    }
}

async fn connection(
    mut stream: Box<dyn Stream>,
    requests: Vec<Request>,
    number: usize,
    until: Instant,
    beat: Option<Duration>,
) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    let (mut out, mut held) = (Vec::with_capacity(4096), Vec::with_capacity(16 * 1024));
    let mut next = Instant::now();
    for (head, rest) in requests.iter().cycle().skip(number % requests.len()) {
        if let Some(beat) = beat {
            tokio::time::sleep_until(next.into()).await;
            next += beat;
        }
        let started = Instant::now();
        if started >= until {
            break;
        }
        out.clear();
        out.extend_from_slice(head);
        out.extend_from_slice(uuid::Uuid::new_v4().simple().to_string().as_bytes());
        out.extend_from_slice(rest);
        stream.write_all(&out).await?;
        let status = tokio::time::timeout(PATIENCE, answer(&mut *stream, &mut held)).await??;
        seen.micros.push(u64::try_from(started.elapsed().as_micros())?);
        *seen.statuses.entry(status).or_default() += 1;
    }
    Ok(seen)
}

/// Reads one whole answer and gives its status.
async fn answer(stream: &mut dyn Stream, held: &mut Vec<u8>) -> Result<u16, Failure> {
    held.clear();
    loop {
        if stream.read_buf(held).await? == 0 {
            return Err("the server closed the connection".into());
        }
        if held.len() > ANSWER_BYTES_MAX {
            return Err("an answer is too long".into());
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = parsed.parse(held)? else { continue };
        let status = parsed.code.unwrap_or_default();
        let named = |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case("content-length");
        let length = parsed.headers.iter().find(named).ok_or("an answer without content-length")?;
        let length: usize = std::str::from_utf8(length.value)?.trim().parse()?;
        let whole = head + length;
        while held.len() < whole {
            if stream.read_buf(held).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
        return Ok(status);
    }
}

fn told(seen: &Seen, took: Duration) -> Result<String, Failure> {
    let mut times = Histogram::<u64>::new(3)?;
    for micros in &seen.micros {
        times.record((*micros).max(1))?;
    }
    let ms = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1000.0;
    let requests = seen.micros.len();
    Ok(json!({
        "requests": requests,
        "seconds": took.as_secs_f64(),
        "per_s": requests as f64 / took.as_secs_f64(),
        "statuses": seen.statuses,
        "p50_ms": ms(0.5), "p90_ms": ms(0.9), "p99_ms": ms(0.99), "max_ms": times.max() as f64 / 1000.0,
    })
    .to_string())
}
