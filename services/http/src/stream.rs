//! Events as they happen, by server-sent events (WHATWG HTML, section 9.2). A stream is the list of events
//! going on: the same page, the same bytes. It ends before its token does, and each event asks again whether
//! its listener may still have it; whoever wants more comes back with a new token and `Last-Event-ID`.
//!
//! INVARIANT: nothing here waits on a thread: the store is read elsewhere, and all waiting is a future's.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use casework::Caller;
use futures_util::stream;
use hub::{Told, Waited, Watching};
use identity::Verified;
use tokio::time::Instant;

use crate::call::Call;
use crate::caller::check_scope;
use crate::measure;
use crate::problem::Problem;
use crate::routes::Access;
use crate::server::Shared;

/// What it is called.
pub(crate) const MEDIA: &str = "text/event-stream";
/// Open streams of one client: its system, another one on trial, and two that it has not noticed are dead.
const CLIENT_STREAMS_MAX: usize = 4;
/// Open streams of all: each is a connection, and a look at the ledger whenever something is committed.
const STREAMS_MAX: usize = 256;
/// No stream lives longer, whatever its token.
const TIME_MAX: Duration = Duration::from_secs(15 * 60);
/// It ends so long before its token, or half of what is left where that is less.
const MARGIN: Duration = Duration::from_secs(30);
/// A line at least so often, so that either side notices a dead connection.
const BEAT: Duration = Duration::from_secs(15);
/// Events read at once.
const PAGE: u32 = 50;
/// What a listener is told first: how soon to come back.
const OPENING: &str = "retry: 1000\n\n";

/// Who listens, counted by client.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<BTreeMap<String, usize>>);

impl Streams {
    fn enter(&self, client: &str) -> Result<(), Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own) = (open.values().sum::<usize>(), open.get(client).copied().unwrap_or(0));
        let full = if own >= CLIENT_STREAMS_MAX {
            Some(format!("this client has {CLIENT_STREAMS_MAX} streams open already; close one"))
        } else {
            (all >= STREAMS_MAX).then(|| format!("{STREAMS_MAX} streams are open; use `GET /v1/events`"))
        };
        if let Some(detail) = full {
            return Err(Problem::new("stream-limit").detail(detail));
        }
        open.insert(client.to_owned(), own + 1);
        measure::streams(all + 1);
        Ok(())
    }

    fn leave(&self, client: &str) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(client).map_or(0, |own| own.saturating_sub(1));
        match left {
            0 => _ = open.remove(client),
            left => _ = open.insert(client.to_owned(), left),
        }
        measure::streams(open.values().sum());
    }
}

/// A place among the streams, given back however the stream ends.
struct Place {
    shared: Data<Shared>,
    client: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.streams.leave(&self.client);
    }
}

/// A listener being served.
struct Listener {
    place: Place,
    token: Verified,
    access: Access,
    watching: Watching,
    /// The last entry it knows of.
    after: Option<u64>,
    /// Read and not sent yet, and up to where was read.
    read: VecDeque<Told>,
    reached: Option<u64>,
    more: bool,
    ends: Instant,
    beats: Instant,
}

/// A stream of what comes after an entry; of what comes from now on where none is named.
pub(crate) async fn open(call: &Call, after: Option<u64>) -> Result<HttpResponse, Problem> {
    let (caller, token) = (call.caller()?, call.token()?.clone());
    let client = format!("{}/{}", caller.agency, caller.client);
    // Before the first look, so that nothing is committed unseen between the two.
    let watching = call.hub().watch_news();
    let after = match after {
        Some(after) => Some(after),
        None => call.hub().list_events(caller, Some(u64::MAX), 1).await?.last,
    };
    call.shared.streams.enter(&client)?;
    let place = Place { shared: call.shared.clone(), client };
    let left = call.shared.api.verifier.time_left(&token);
    let (now, life) = (Instant::now(), left.saturating_sub(MARGIN).max(left / 2).min(TIME_MAX));
    let listener = Listener {
        place,
        token,
        access: call.route.access,
        watching,
        after,
        read: VecDeque::new(),
        reached: after,
        more: true,
        ends: now + life,
        beats: now + BEAT,
    };
    let opening = format!("{OPENING}{}", beat(after));
    let body = stream::unfold((Some(opening), listener), |(opening, mut listener)| async move {
        let text = match opening {
            Some(opening) => Some(opening),
            None => listener.next().await,
        };
        text.map(|text| (Ok::<_, Infallible>(Bytes::from(text)), (None, listener)))
    });
    Ok(HttpResponse::Ok().content_type(MEDIA).streaming(body))
}

impl Listener {
    /// What to send next; none ends the stream.
    async fn next(&mut self) -> Option<String> {
        loop {
            if Instant::now() >= self.ends {
                return None;
            }
            let caller = self.still_known().await?;
            if let Some(event) = self.read.pop_front() {
                self.after = Some(event.index);
                self.beats = Instant::now() + BEAT;
                return Some(text(&event));
            }
            self.after = self.reached;
            if self.more {
                self.fill(&caller).await?;
                continue;
            }
            let until = self.ends.min(self.beats);
            match self.watching.wait(&self.place.shared.api.hub, until).await {
                Waited::News => self.more = true,
                Waited::Closing => return None,
                Waited::Nothing if Instant::now() >= self.ends => return None,
                Waited::Nothing => {
                    self.beats = Instant::now() + BEAT;
                    return Some(beat(self.after));
                }
            }
        }
    }

    /// Who listens, by the registry of this moment and the token it came with.
    async fn still_known(&self) -> Option<Caller> {
        let caller = self.place.shared.api.hub.caller(&self.token).await;
        let caller = caller.inspect_err(|error| tracing::warn!(%error, "a stream ended")).ok()??;
        check_scope(self.access, &caller).ok().map(|()| caller)
    }

    async fn fill(&mut self, caller: &Caller) -> Option<()> {
        let page = self.place.shared.api.hub.list_events(caller, self.after, PAGE).await;
        let page = page.inspect_err(|error| tracing::warn!(%error, "a stream ended")).ok()?;
        (self.more, self.reached) = (page.more, page.last);
        self.read = page.events.into();
        Some(())
    }
}

/// An event as lines.
fn text(event: &Told) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", event.index, event.kind, event.body.get())
}

/// A line that is no event; with where the listener stands, so that coming back it needs not look again at
/// what was not for it.
fn beat(after: Option<u64>) -> String {
    after.map_or_else(|| ": beat\n\n".to_owned(), |after| format!(": beat\nid: {after}\n\n"))
}
