//! The hub over HTTP: the API, one file per endpoint, and a few pages that work without scripts. Every
//! request passes one pipeline (`serve.rs`): token, scope, headers, body, use case; whatever goes wrong
//! becomes one problem of one table.
//!
//! It decides nothing and stores nothing: `hub` does. It knows no SQL, no policy and no schema's content.
//! The program opens the listener, so that it knows the port before anything is served.

mod answer;
mod api;
mod around;
pub mod asyncapi;
mod body;
mod call;
mod caller;
mod desk;
pub mod headers;
mod limits;
pub mod measure;
mod metrics_server;
pub mod openapi;
mod pages;
pub mod problem;
pub mod process;
pub mod query;
mod roles;
mod routes;
mod serve;
mod server;
mod spans;
mod stream;
pub mod tls;
pub mod witness;

use std::sync::Arc;

use hub::Hub;
use identity::Verifier;
use metrics_exporter_prometheus::PrometheusHandle;

pub use actix_web::dev::ServerHandle;
pub use desk::{DESK, Desk, DeskProvider, DeskRoute, Needs};
pub use metrics_server::metrics_server;
pub use pages::{Language, PAGES, Page, evidence_page, problem_index, problem_page};
pub use roles::{Role, Roles};
pub use routes::{Access, Gives, ROUTES, Route, Takes, Verb};
pub use server::{BODY_BYTES_MAX, WORKERS_MAX, server};

/// What the edge serves, and with what it serves it.
pub struct Api {
    /// The use cases.
    pub hub: Arc<Hub>,
    /// Who is calling.
    pub verifier: Arc<Verifier>,
    /// Where people sign in.
    pub desk: Desk,
    /// What `/metrics` shows; see [`measure::recorder`].
    pub metrics: PrometheusHandle,
    /// What everybody may know of this installation.
    pub public: PublicInfo,
    /// What this process does; addresses of other roles are unknown here.
    pub roles: Roles,
    /// What the hub does without at the moment, such as `broker`; it stays ready all the same.
    pub degraded: Arc<dyn Fn() -> Vec<&'static str> + Send + Sync>,
}

/// What everybody may know of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicInfo {
    /// Where it is reached, without a slash at the end: `http://127.0.0.1:8400`. Problem types begin with it.
    pub base_url: String,
    /// Synthetic data only? Then every page says so.
    pub sandbox: bool,
    /// Sentences for the first page, such as where the token endpoint is. No secrets, no personal data.
    pub notes: Vec<String>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Api({})", self.public.base_url)
    }
}
