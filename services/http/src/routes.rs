//! The one table of endpoints. The program's routes, `/openapi.json` and the first page are all made from it,
//! so that none can know an endpoint the others do not. A new endpoint is a file and a line here.

use actix_web::HttpResponse;
use casework::MessageKind;
use futures_util::future::LocalBoxFuture;

use crate::api::{
    approvals, audit, break_glass, cases, clocks, conservation, dead_letters, deliveries, directory, drafts,
    events, feeds, identity_checks, inbox, incidents, indicators, keys, messages, persons, policies,
    receipts, referrals, requests, retention, schemas, service, switches, tiles, webhooks,
};
use crate::call::Call;
use crate::problem::Problem;
use crate::query::Parameter;
use crate::roles::Role;

/// May send referrals, answer as their sender, and read those it is a party to.
pub(crate) const SEND: &str = "referral.send";
/// May receive and answer referrals, fetch its messages, and read those it is a party to.
pub(crate) const RECEIVE: &str = "referral.receive";
/// May ask for identity checks.
pub(crate) const CHECK: &str = "identity.check";
/// May ask for statistics.
pub(crate) const INDICATOR: &str = "indicator.read";
/// May read the audit trail.
pub(crate) const AUDIT: &str = "audit.read";
/// May settle dead letters.
pub(crate) const MANAGE: &str = "delivery.manage";
/// May say who its agency's people are.
pub(crate) const PEOPLE: &str = "people.manage";

/// All endpoints, in the order in which they are matched: a fixed segment before a variable one.
pub const ROUTES: &[Route] = &[
    referrals::submit::ROUTE,
    referrals::preview::ROUTE,
    drafts::write::ROUTE,
    referrals::list::ROUTE,
    referrals::show::ROUTE,
    referrals::history::ROUTE,
    referrals::evidence::ROUTE,
    requests::show::ROUTE,
    receipts::show::ROUTE,
    referrals::actions::ROUTE,
    referrals::void::ROUTE,
    referrals::answer::ROUTE,
    events::list::ROUTE,
    events::stream::ROUTE,
    inbox::list::ROUTE,
    inbox::acknowledge::ROUTE,
    keys::list::ROUTE,
    identity_checks::ask::ROUTE,
    cases::show::ROUTE,
    cases::looks::ROUTE,
    cases::disclosures::ROUTE,
    cases::revoke_consent::ROUTE,
    cases::erase::ROUTE,
    cases::hold::ROUTE,
    cases::lift_hold::ROUTE,
    cases::erasure::ROUTE,
    cases::acknowledge_erasure::ROUTE,
    retention::due::ROUTE,
    retention::schedule::ROUTE,
    indicators::list::ROUTE,
    indicators::ask::ROUTE,
    feeds::list::ROUTE,
    audit::entries::ROUTE,
    audit::checkpoint::ROUTE,
    audit::key::ROUTE,
    audit::turn_key::ROUTE,
    audit::proof::ROUTE,
    audit::suspicions::ROUTE,
    audit::lift_suspicion::ROUTE,
    tiles::checkpoint::ROUTE,
    tiles::entries::ROUTE,
    tiles::hashes::ROUTE,
    conservation::show::ROUTE,
    dead_letters::list::ROUTE,
    dead_letters::replay_many::ROUTE,
    dead_letters::show::ROUTE,
    dead_letters::replay::ROUTE,
    dead_letters::resolve::ROUTE,
    dead_letters::discard::ROUTE,
    approvals::list::ROUTE,
    approvals::show::ROUTE,
    approvals::approve::ROUTE,
    approvals::refuse::ROUTE,
    approvals::withdraw::ROUTE,
    break_glass::ask::ROUTE,
    break_glass::list::ROUTE,
    break_glass::lift::ROUTE,
    break_glass::case::ROUTE,
    break_glass::referral::ROUTE,
    break_glass::review::ROUTE,
    break_glass::renew::ROUTE,
    break_glass::show::ROUTE,
    persons::list::ROUTE,
    persons::set::ROUTE,
    incidents::list::ROUTE,
    incidents::close::ROUTE,
    switches::list::ROUTE,
    switches::set::ROUTE,
    policies::show::ROUTE,
    policies::compare::ROUTE,
    policies::propose::ROUTE,
    deliveries::withdraw::ROUTE,
    webhooks::list::ROUTE,
    webhooks::replay::ROUTE,
    webhooks::test::ROUTE,
    directory::search::ROUTE,
    clocks::list::ROUTE,
    messages::validate::ROUTE,
    schemas::show::ROUTE,
    service::health::ROUTE,
    service::ready::ROUTE,
    service::metrics::ROUTE,
    service::openapi::ROUTE,
    service::asyncapi::ROUTE,
];

/// One endpoint.
#[derive(Debug)]
pub struct Route {
    /// Its method.
    pub method: Verb,
    /// Its path, variable segments in braces; `{place}`, always the last, takes the rest of the path.
    pub path: &'static str,
    /// Whose processes serve it; none: every process.
    pub role: Option<Role>,
    /// Who may call it.
    pub access: Access,
    /// One line for a reader.
    pub summary: &'static str,
    /// Its query parameters; any other is refused.
    pub query: &'static [Parameter],
    /// What it takes.
    pub takes: Takes,
    /// Does it write for the caller, so that it needs an `Idempotency-Key`?
    pub writes: bool,
    /// What it answers when all is well.
    pub gives: Gives,
    pub(crate) handle: Handler,
}

impl Route {
    /// The path as the server matches it.
    pub(crate) fn pattern(&self) -> String {
        self.path.replace("{place}", "{place:.+}")
    }
}

/// What does the work.
pub(crate) type Handler = fn(Call) -> LocalBoxFuture<'static, Result<HttpResponse, Problem>>;

/// A method. The API needs no others: nothing is ever deleted or replaced over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Writes, or asks with a body.
    Post,
}

impl Verb {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; nothing personal is there.
    Public,
    /// Any client the registry knows.
    Client,
    /// A client whose token carries at least one of these scopes. The policies still decide.
    Scope(&'static [&'static str]),
}

/// What the body has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// No body; an empty JSON object is as good.
    Nothing,
    /// One of these messages.
    Message(&'static [MessageKind]),
    /// How a dead letter was settled.
    Resolution,
    /// Where a webhook goes on.
    Cursor,
    /// Who somebody is.
    Person,
    /// Why.
    Reason,
    /// What is switched off or on.
    Switch,
    /// Which dead letters.
    Replays,
    /// Which case, and why.
    BreakGlass,
    /// What was found.
    Verdict,
    /// Another set of policies.
    PolicySet,
}

/// What comes back when all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gives {
    /// The status.
    pub status: u16,
    /// The media type.
    pub media: &'static str,
    /// In words, for the OpenAPI document.
    pub about: &'static str,
}

impl Gives {
    /// 200 with JSON.
    #[must_use]
    pub const fn json(about: &'static str) -> Self {
        Self { status: 200, media: JSON, about }
    }
    /// 200 with plain text.
    #[must_use]
    pub const fn text(about: &'static str) -> Self {
        Self { status: 200, media: TEXT, about }
    }
    /// 200 with JSON lines.
    #[must_use]
    pub const fn lines(about: &'static str) -> Self {
        Self { status: 200, media: LINES, about }
    }
    /// 200 with bytes.
    #[must_use]
    pub const fn bytes(about: &'static str) -> Self {
        Self { status: 200, media: BYTES, about }
    }
}

pub(crate) const JSON: &str = "application/json";
/// JSON texts, one on each line.
pub(crate) const LINES: &str = "application/x-ndjson";
pub(crate) const BYTES: &str = "application/octet-stream";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
