//! A request's body, bounded in size and time, and never kept longer than the request. A `Content-Length`
//! over the bound is refused before a byte is read; one that lies is found out while reading.

use std::time::Duration;

use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::Payload;
use casework::{Code, Sensitive};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;
use crate::server::BODY_BYTES_MAX;

/// For these first seconds a body may come as slowly as it likes, then at least 1 KiB each second.
const GRACE: Duration = Duration::from_secs(10);
const BYTES_PER_SECOND_MIN: usize = 1_024;
/// And never longer than this in all.
const TIME_MAX: Duration = Duration::from_secs(120);
/// After a refusal so much is read and thrown away, for at most so long.
const DRAIN_BYTES_MAX: usize = 8 * BODY_BYTES_MAX;
const DRAIN_TIME_MAX: Duration = Duration::from_secs(2);

/// A body that has not been read yet.
pub(crate) struct Incoming {
    payload: Payload,
    ended: bool,
}

impl Incoming {
    pub fn new(payload: Payload) -> Self {
        Self { payload, ended: false }
    }

    /// The whole body.
    pub async fn read(&mut self, headers: &HeaderMap) -> Result<Sensitive<Vec<u8>>, Problem> {
        let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let length: Option<usize> = length.and_then(|text| text.parse().ok());
        if length.is_some_and(|length| length > BODY_BYTES_MAX) {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(length.unwrap_or(0));
        let started = Instant::now();
        while let Some(part) = self.next(deadline(started, bytes.len())).await? {
            if bytes.len().saturating_add(part.len()) > BODY_BYTES_MAX {
                return Err(too_large());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Sensitive::new(bytes))
    }

    async fn next(&mut self, by: Instant) -> Result<Option<actix_web::web::Bytes>, Problem> {
        match timeout_at(by, self.payload.next()).await {
            Ok(Some(Ok(part))) => Ok(Some(part)),
            Ok(Some(Err(_))) => {
                self.ended = true;
                Err(Problem::new("body-incomplete"))
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(_) => {
                self.ended = true;
                Err(Problem::new("body-too-slow"))
            }
        }
    }

    /// Reads on and throws away, within bounds.
    pub async fn drain(&mut self) {
        let by = Instant::now() + DRAIN_TIME_MAX;
        let mut seen = 0_usize;
        while !self.ended && seen < DRAIN_BYTES_MAX {
            let Ok(Some(part)) = self.next(by).await else { return };
            seen = seen.saturating_add(part.len());
        }
    }
}

fn deadline(started: Instant, read: usize) -> Instant {
    let earned = u64::try_from(read / BYTES_PER_SECOND_MIN).unwrap_or(u64::MAX);
    started + GRACE.saturating_add(Duration::from_secs(earned)).min(TIME_MAX)
}

fn too_large() -> Problem {
    Problem::new("payload-too-large").detail(format!("a body may have {BODY_BYTES_MAX} bytes; send less"))
}

/// For requests whose address says it all: no body, or an empty object.
pub(crate) fn nothing(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.is_empty() {
        return Ok(());
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    small::<Nothing>(bytes, "this address takes no body, or an empty object").map(|_| ())
}

/// The code of a body that says why and nothing else.
pub(crate) fn reason(bytes: &[u8], shape: &str) -> Result<Code, Problem> {
    Ok(small::<Why>(bytes, shape)?.reason)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: Code,
}

/// A small object that is no message. `shape` tells what it has to be; serde's own words may repeat a value.
pub(crate) fn small<'a, T: Deserialize<'a>>(bytes: &'a [u8], shape: &str) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            Problem::new("validation-failed").detail(shape)
        } else {
            let detail = format!("the text is not JSON in UTF-8 at line {line}, column {column}");
            Problem::new("malformed-json").detail(detail)
        }
    })
}
