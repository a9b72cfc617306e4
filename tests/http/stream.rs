//! The stream of events over a real connection: as it happens, the list's own bytes, from where a listener
//! left off, never beyond its token, and no more streams than there may be.

use std::time::{Duration, Instant};

use hub::Key;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::world::World;
use crate::journeys::messages::small_child;

/// What a test waits for happens within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who listens.
pub struct Listener {
    lines: BufReader<TcpStream>,
    pub head: String,
    /// The last `id` seen.
    pub last: Option<u64>,
}

impl Listener {
    pub async fn open(world: &World, token: &str, headers: &str) -> Self {
        let mut socket = TcpStream::connect(world.socket()).await.unwrap();
        // HTTP/1.0, so that the body comes as it is written.
        let request = format!(
            "GET /v1/events/stream HTTP/1.0\r\nHost: hub.example\r\n\
             Authorization: Bearer {token}\r\n{headers}\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut this = Self { lines: BufReader::new(socket), head: String::new(), last: None };
        this.head = this.block().await.unwrap().join("\n");
        this
    }

    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// Lines up to an empty one; none at the end.
    async fn block(&mut self) -> Option<Vec<String>> {
        let mut found = Vec::new();
        loop {
            let mut line = String::new();
            let read = timeout(PATIENCE, self.lines.read_line(&mut line)).await.expect("silence");
            match (read.unwrap_or(0), line.trim_end()) {
                (0, _) => return None,
                (_, "") => return Some(found),
                (_, line) => found.push(line.to_owned()),
            }
        }
    }

    /// The bytes of the next event; none where the stream ends.
    pub async fn event(&mut self) -> Option<String> {
        loop {
            let block = self.block().await?;
            let line = |name: &str| block.iter().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let Some(id) = line("id: ") {
                self.last = id.parse().ok();
            }
            if let Some(data) = line("data: ") {
                return Some(data);
            }
        }
    }
}

pub async fn refer(world: &World, key: &str) {
    let cpi = crate::hub::world::system("ictp");
    let body = small_child("cpi", "SVC-SHELTER").to_string().into_bytes();
    world.hub.submit_referral(&cpi, &body, &Key::new(key).unwrap()).await.unwrap();
}

/// The events of the list, each as its bytes.
pub async fn listed(world: &World, client: &str, after: &str) -> Vec<String> {
    let text = world.get(&format!("/v1/events?limit=200{after}")).calling_as(client).send().await.text();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let events: Vec<String> = list["data"].as_array().unwrap().iter().map(ToString::to_string).collect();
    events.iter().for_each(|event| assert!(text.contains(event), "the list has these very bytes"));
    events
}

#[tokio::test]
async fn a_stream_tells_what_the_list_tells_as_it_happens() {
    let world = World::start().await;
    refer(&world, "before").await;
    let token = world.token("cpi-system", None);
    let mut stream = Listener::open(&world, &token, "").await;
    assert_eq!(stream.status(), "200");
    assert!(stream.head.to_lowercase().contains("content-type: text/event-stream"), "{}", stream.head);
    let begun = Instant::now();
    for number in 0..5 {
        refer(&world, &format!("one-{number}")).await;
        let event = stream.event().await.unwrap();
        assert_eq!(listed(&world, "cpi-system", "").await.last(), Some(&event), "the same bytes");
    }
    // By the clock they would come with the beats, 15 s after one another.
    assert!(begun.elapsed() < Duration::from_secs(60), "woken by commits, not by the clock");
    assert_eq!(stream.last, Some(11), "two entries each");
    let stranger = world.token("nccia-system", None);
    let mut stranger = Listener::open(&world, &stranger, "last-event-id: 0\r\n").await;
    refer(&world, "two").await;
    assert!(timeout(Duration::from_millis(1500), stranger.event()).await.is_err(), "no other's");
}

#[tokio::test]
async fn last_event_id_loses_and_repeats_nothing() {
    let world = World::start().await;
    let token = world.token("cpi-system", None);
    let mut last = {
        let mut first = Listener::open(&world, &token, "").await;
        refer(&world, "one-0").await;
        first.event().await.unwrap();
        first.last.unwrap()
    };
    let mut seen = Vec::new();
    for round in 1..6 {
        // While nobody listens, and while somebody does.
        refer(&world, &format!("one-{round}")).await;
        let mut stream = Listener::open(&world, &token, &format!("last-event-id: {last}\r\n")).await;
        refer(&world, &format!("two-{round}")).await;
        seen.push(stream.event().await.unwrap());
        seen.push(stream.event().await.unwrap());
        last = stream.last.unwrap();
    }
    assert_eq!(seen, listed(&world, "cpi-system", "&after=1").await, "each once, in order");
    let bad = Listener::open(&world, &token, "last-event-id: -1\r\n").await;
    assert_eq!(bad.status(), "400");
}

#[tokio::test]
async fn a_stream_ends_before_its_token() {
    let world = World::start().await;
    let (token, begun) = (world.token_with_seconds_left("cpi-system", 12), Instant::now());
    let mut stream = Listener::open(&world, &token, "").await;
    refer(&world, "one").await;
    stream.event().await.unwrap();
    assert_eq!(stream.event().await, None);
    let took = begun.elapsed();
    // A token's end is a whole second: this one's comes after eleven to twelve. The stream has half of them.
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(11), "{took:?}");
}

#[tokio::test]
async fn a_stream_ends_when_the_hub_stops() {
    let world = World::start().await;
    let mut stream = Listener::open(&world, &world.token("cpi-system", None), "").await;
    world.hub.news.close();
    assert_eq!(stream.event().await, None);
}

#[tokio::test]
async fn streams_are_bounded_by_client_and_given_back() {
    let world = World::start().await;
    let token = world.token("cpi-system", None);
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Listener::open(&world, &token, "").await);
    }
    let fifth = Listener::open(&world, &token, "").await;
    assert_eq!(fifth.status(), "429");
    assert!(fifth.head.to_lowercase().contains("retry-after"), "{}", fifth.head);
    let other = Listener::open(&world, &world.token("nccia-system", None), "").await;
    assert_eq!(other.status(), "200", "another client has its own");
    drop(open);
    let again = async {
        loop {
            let stream = Listener::open(&world, &token, "").await;
            if stream.status() == "200" {
                return;
            }
            // A server notices a lost connection when it writes to it.
            refer(&world, &uuid::Uuid::new_v4().to_string()).await;
        }
    };
    timeout(PATIENCE, again).await.unwrap();
}
