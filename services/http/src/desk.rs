//! The web desk: where an agency's people sign in at their provider and act under a session. Every visit
//! passes one pipeline (`visit.rs`): is the address ours, whose session is it, is the form ours, was the
//! person asked a moment ago; only then the page. Works without scripts, in English and Urdu.
//!
//! The API knows nothing of it: no cookie counts there, and no token counts here.

mod approvals;
mod callback;
mod confirm;
mod cookies;
mod form;
mod home;
mod place;
mod refused;
mod retention;
mod settle;
mod sign_in;
mod sign_out;
mod visit;

use actix_web::HttpResponse;
use casework::{AgencyCode, Timestamp};
use futures_util::future::LocalBoxFuture;
use hub::SessionRules;
use identity::login::Login;

use crate::routes::Verb;
pub(crate) use home::time;
use refused::Stop;
pub(crate) use visit::{Visit, visit};

/// The pages of the desk, in the order in which they are matched.
pub const DESK: &[DeskRoute] = &[
    home::ROUTE,
    sign_in::LIST,
    sign_in::START,
    callback::ROUTE,
    confirm::ASK,
    confirm::GO,
    sign_out::ROUTE,
    approvals::LIST,
    approvals::ONE,
    settle::APPROVE,
    settle::REFUSE,
    settle::WITHDRAW,
    retention::LIST,
    retention::ASK,
];

/// One page of the desk, or one thing that a form of it does.
#[derive(Debug)]
pub struct DeskRoute {
    /// Its method; what changes something is a POST.
    pub method: Verb,
    /// Its path, variable segments in braces.
    pub path: &'static str,
    /// What a visitor has to have.
    pub needs: Needs,
    pub(crate) show: Show,
}

/// What a visitor has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A session. With a POST the form has to be ours, too.
    Session,
    /// A session whose person the provider asked within [`hub::FRESH_SECONDS`]: for dangerous acts.
    Fresh,
}

/// What makes the page.
pub(crate) type Show = fn(Visit) -> LocalBoxFuture<'static, Result<HttpResponse, Stop>>;

/// What the desk is served with.
pub struct Desk {
    /// Sends people to their providers and judges what they bring back.
    pub login: Login,
    /// Whose people sign in where.
    pub providers: Vec<DeskProvider>,
    /// How long sessions last.
    pub rules: SessionRules,
    /// Where browsers reach it, without a slash at the end: `https://hub.example`. Https, or loopback:
    /// browsers keep the session's cookie for these only.
    pub url: String,
}

/// Whose people sign in at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskProvider {
    /// The provider's name at [`Desk::login`].
    pub name: String,
    /// The agencies.
    pub agencies: Vec<AgencyCode>,
}

impl Desk {
    /// Below this path each provider's answer comes back.
    pub const CALLBACKS: &'static str = "/desk/callback";

    /// Do this agency's people sign in there?
    pub(crate) fn serves(&self, provider: &str, agency: &AgencyCode) -> bool {
        self.providers.iter().any(|held| held.name == provider && held.agencies.contains(agency))
    }

    /// Now, as logins and sessions see it.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.login.now().saturating_mul(1_000_000))
    }
}
