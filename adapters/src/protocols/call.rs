//! One call over the hub's only way out, with the agency's time limit. Adds no meaning to what comes back.

use std::time::Duration;

use casework::DeliveryId;
use egress::{EgressError, Method, Request, Response};
use url::Url;

use crate::{agency::Agency, exchange::Link, outgoing::Outgoing};

/// One call being put together.
pub struct Call<'a> {
    agency: &'a Agency,
    link: &'a Link,
    request: Request,
}

impl<'a> Call<'a> {
    /// A call of a path below the agency's endpoint; segments are escaped, so that an id can never climb.
    pub fn new<'s>(
        agency: &'a Agency,
        link: &'a Link,
        method: Method,
        path: impl IntoIterator<Item = &'s str>,
    ) -> Self {
        let url = below(&link.endpoint, path);
        let request = Request::new(method, url).within(Duration::from_millis(agency.timeout_ms));
        Self { agency, link, request: request.header("accept", "application/json") }
    }

    /// With a query parameter.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With the link's secret as bearer token.
    pub fn bearer_secret(self) -> Self {
        let value = format!("Bearer {}", self.link.secret.expose());
        self.header("authorization", &value)
    }

    /// With the headers by which an agency can tell a repeated delivery.
    pub fn delivery(self, out: &Outgoing) -> Self {
        let attempt = out.attempt.to_string();
        self.delivery_id(out.delivery).header("x-amaan-attempt", &attempt)
    }

    fn delivery_id(self, delivery: DeliveryId) -> Self {
        let id = delivery.to_string();
        self.header("idempotency-key", &id).header("x-amaan-delivery", &id)
    }

    /// With a JSON body.
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.request.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// With a body of another type.
    pub fn body(mut self, content_type: &str, body: String) -> Self {
        self.request.body = body.into_bytes();
        self.header("content-type", content_type)
    }

    /// With the hub's signature over the body as it stands now.
    pub fn signed(self, out: &Outgoing) -> Self {
        match out.signature_over(&self.request.body) {
            Some(signature) => self.header("amaan-signature", &signature),
            None => self,
        }
    }

    /// Makes the call.
    pub async fn send(self) -> Result<Response, EgressError> {
        let Self { link, request, agency } = self;
        let answer = link.http.send(request).await;
        if let Err(error) = &answer {
            tracing::info!(
                agency = agency.code.as_str(),
                error = error.code(),
                "a call to an agency got no answer"
            );
        }
        answer
    }
}

fn below<'s>(endpoint: &Url, path: impl IntoIterator<Item = &'s str>) -> Url {
    let (mut url, mut path) = (endpoint.clone(), path.into_iter().peekable());
    // An endpoint called as it stands keeps its path, final slash and all.
    if path.peek().is_some()
        && let Ok(mut segments) = url.path_segments_mut()
    {
        segments.pop_if_empty().extend(path);
    }
    url
}
