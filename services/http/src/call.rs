//! A request that passed the pipeline, as a use case's door sees it: caller, body, key, and the values in its
//! address, typed.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::web::Data;
use casework::{Caller, Sensitive};
use hub::{Hub, Key, Sent};
use identity::{AgencySignature, Verified};
use serde::de::DeserializeOwned;
use validator::Validate;

use crate::problem::Problem;
use crate::query;
use crate::routes::Route;
use crate::server::Shared;

/// One accepted request.
pub(crate) struct Call {
    pub shared: Data<Shared>,
    pub request: HttpRequest,
    pub caller: Option<Caller>,
    /// What its token says, for answers that go on for longer than a moment.
    pub token: Option<Verified>,
    pub route: &'static Route,
    pub key: Option<Key>,
    pub body: Sensitive<Vec<u8>>,
    /// Its agency's signature over that, where a message has one.
    pub signature: Option<AgencySignature>,
}

impl Call {
    pub fn hub(&self) -> &Hub {
        &self.shared.api.hub
    }

    /// Who asks. Its absence would be a route whose table line says `Public` by mistake.
    pub fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(|| Problem::new("unauthorized"))
    }

    /// The token it came with.
    pub fn token(&self) -> Result<&Verified, Problem> {
        self.token.as_ref().ok_or_else(|| Problem::new("unauthorized"))
    }

    /// The key of a request that writes.
    pub fn key(&self) -> Result<&Key, Problem> {
        self.key.as_ref().ok_or_else(|| Problem::new("idempotency-key-required"))
    }

    /// The message that it brings.
    pub fn sent(&self) -> Sent<'_> {
        Sent::new(self.body.expose(), self.signature.as_ref())
    }

    /// A typed value from the path. A malformed id looks like one that does not exist.
    pub fn id<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.segment(name).parse().map_err(|_| Problem::new("not-found"))
    }

    /// A segment of the path as it was sent.
    pub fn segment(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    /// The query parameters.
    pub fn query<Q: DeserializeOwned + Validate>(&self) -> Result<Q, Problem> {
        query::read(self.route.query, self.request.query_string())
    }
}
