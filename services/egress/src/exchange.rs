//! A request as callers state it and an answer as they get it: plain, owned, without a type of the HTTP
//! library. Neither prints its headers or body, which may hold credentials and a child's data.

use std::{fmt, time::Duration};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::error::EgressError;

/// 4 MiB: four times the largest message, for the envelopes some agencies wrap around it.
pub const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// More headers than any agency's interface asks for.
const HEADERS_MAX: usize = 32;
/// Headers that belong to the connection, not to the caller: setting them is how requests are smuggled.
const OWN_HEADERS: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "accept-encoding",
    "cookie",
];

/// What is done to the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks for an effect; only the receiver knows whether twice is harmless.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

/// One call.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address; its origin must be on the allow-list.
    pub url: Url,
    /// Header names and values, at most 32. `Host`, `Content-Length` and their like are not the caller's.
    pub headers: Vec<(String, String)>,
    /// The bytes sent, at most 4 MiB; empty for none.
    pub body: Vec<u8>,
    /// A shorter time for the whole exchange than the rules give; longer is cut to theirs.
    pub timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub const fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), body: Vec::new(), timeout: None }
    }
    /// Reads `url`.
    #[must_use]
    pub const fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }
    /// Posts `body` to `url`; the content type is a header the caller adds.
    #[must_use]
    pub fn post(url: Url, body: Vec<u8>) -> Self {
        Self { body, ..Self::new(Method::Post, url) }
    }
    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    /// The same with its own time limit.
    #[must_use]
    pub const fn within(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The headers in the HTTP library's form.
    pub(crate) fn header_map(&self) -> Result<HeaderMap, EgressError> {
        if self.headers.len() > HEADERS_MAX {
            return Err(EgressError::BadRequest("more than 32 headers"));
        }
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| EgressError::BadRequest("a header name holds a forbidden character"))?;
            if OWN_HEADERS.contains(&name.as_str()) {
                return Err(EgressError::BadRequest("a header belongs to the connection, not to the caller"));
            }
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| EgressError::BadRequest("a header value holds a forbidden character"))?;
            value.set_sensitive(true);
            map.append(name, value);
        }
        Ok(map)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:?}, {} bytes)", self.method, self.body.len())
    }
}

/// A whole answer. Redirects are answers too: nothing is followed.
#[derive(Clone)]
pub struct Response {
    /// The status code, 200 to 599.
    pub status: u16,
    /// Header names in lower case and values; bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The bytes as they came, never decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }
    /// Is the status 200 to 299?
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}
