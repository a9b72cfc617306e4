//! The pipeline of one request, as one visible list of steps. Who is calling and whether it may is asked
//! before anything it sent is looked at; a refusal of a known caller is written down before the answer
//! leaves.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use casework::{Caller, PolicyAsked};
use hub::Key;
use identity::AgencySignature;
use tracing::Instrument;

use crate::body::Incoming;
use crate::call::Call;
use crate::caller::{check_scope, identify};
use crate::problem::Problem;
use crate::routes::{Access, Route, Takes};
use crate::server::Shared;
use crate::{around, headers, limits, measure, query};

/// One request to one endpoint, in a task of its own: a caller that hangs up does not stop half-way what it
/// began, and cannot keep its refusal out of the ledger; a panic stays a single request's.
pub(crate) async fn serve(
    route: &'static Route,
    request: HttpRequest,
    payload: Payload,
    shared: Data<Shared>,
) -> HttpResponse {
    let work = answer(route, request.clone(), payload, shared.clone()).in_current_span();
    match actix_web::rt::spawn(work).await {
        Ok(answer) => answer,
        Err(_) => {
            tracing::error!(route = route.path, "a request broke off inside");
            render(&Problem::new("internal"), &request, &shared)
        }
    }
}

async fn answer(
    route: &'static Route,
    request: HttpRequest,
    payload: Payload,
    shared: Data<Shared>,
) -> HttpResponse {
    let mut incoming = Incoming::new(payload);
    let mut caller = None;
    match run(route, &request, &mut incoming, &shared, &mut caller).await {
        Ok(answer) => answer,
        Err(problem) => {
            // Read on a little, so that a client still sending sees the answer and not a broken connection.
            incoming.drain().await;
            note(&shared, caller.as_ref(), &problem).await;
            render(&problem, &request, &shared)
        }
    }
}

async fn run(
    route: &'static Route,
    request: &HttpRequest,
    incoming: &mut Incoming,
    shared: &Data<Shared>,
    caller: &mut Option<Caller>,
) -> Result<HttpResponse, Problem> {
    let (mut token, mut reached) = (None, None);
    if route.access != Access::Public {
        let (known, verified) = identify(&shared.api, request).await?;
        let known = caller.insert(known);
        token = Some(verified);
        around::name_caller(request, known);
        reached = limits::take(&shared.api.hub, route, known)?;
        check_scope(route.access, known)?;
    }
    headers::check_accept(request.headers(), route.gives.media)?;
    query::check_names(route.query, request.query_string())?;
    let key = if route.writes { Some(headers::idempotency_key(request.headers())?) } else { None };
    headers::check_content(request.headers(), route.takes)?;
    let body = incoming.read(request.headers()).await?;
    let signature = signature(route, request, shared, caller.as_ref(), key.as_ref(), body.expose())?;
    if let (Some(reached), Some(known)) = (reached, caller.as_ref()) {
        limits::take_emergency(&shared.api.hub, known, body.expose(), reached)?;
    }
    failpoint::here(if route.writes { "S0" } else { "S0-read" });
    if failpoint::planted("memory-leak") {
        _ = Box::leak(vec![1_u8; 24 << 20].into_boxed_slice());
    }
    let (shared, request, caller) = (shared.clone(), request.clone(), caller.clone());
    let call = Call { shared, request, caller, token, route, key, body, signature };
    (route.handle)(call).await
}

/// Who signed the message, asked before anything reads it. What writes nothing, and what is no message, needs
/// no signature.
fn signature(
    route: &Route,
    request: &HttpRequest,
    shared: &Shared,
    caller: Option<&Caller>,
    key: Option<&Key>,
    body: &[u8],
) -> Result<Option<AgencySignature>, Problem> {
    let (Takes::Message(_), Some(caller), Some(key)) = (route.takes, caller, key) else { return Ok(None) };
    let target = format!("{} {}", route.method.as_str(), request.path());
    let found = headers::signature(request.headers());
    Ok(shared.api.hub.check_signature(caller, found, body, key, &target)?)
}

/// A refusal of a known caller is an entry; a failure of ours is not a refusal.
pub(crate) async fn note(shared: &Shared, caller: Option<&Caller>, problem: &Problem) {
    let Some(caller) = caller.filter(|_| (400..500).contains(&problem.status())) else { return };
    note_as(shared, caller, problem.slug(), problem.asked()).await;
}

/// The same by its word, where people are told no more than that it was not done.
pub(crate) async fn note_as(
    shared: &Shared,
    caller: &Caller,
    slug: &'static str,
    asked: Option<Box<PolicyAsked>>,
) {
    if let Err(error) = shared.api.hub.note_refusal(caller, slug, asked).await {
        tracing::error!(%error, problem = slug, "a refusal could not be written down");
    }
}

/// A problem as an answer, counted and named in the log.
pub(crate) fn render(problem: &Problem, request: &HttpRequest, shared: &Shared) -> HttpResponse {
    measure::problem(problem.slug());
    around::name_problem(request, problem.slug());
    problem.answer(&shared.api.public.base_url, around::request_id(request))
}

/// Any path that no table has.
pub(crate) async fn no_such_path(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    render(&Problem::new("not-found"), &request, &shared)
}

/// A path of the table with a method it does not have.
pub(crate) async fn no_such_method(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let path = request.match_pattern().unwrap_or_default();
    let roles = &shared.api.roles;
    let mut methods: Vec<&str> =
        roles.routes().filter(|route| route.pattern() == path).map(|route| route.method.as_str()).collect();
    methods.extend(roles.desk().filter(|route| route.path == path).map(|route| route.method.as_str()));
    if methods.is_empty() && roles.pages().any(|page| page.path == path) {
        methods.push("GET");
    }
    let allowed = methods.join(", ");
    let problem = Problem::new("method-not-allowed").detail(format!("this address takes {allowed}"));
    render(&problem.header("Allow", allowed), &request, &shared)
}
