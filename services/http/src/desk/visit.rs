//! The pipeline of one visit, as one visible list of steps. Whoever may not go on is told the same whatever
//! the reason; the reason goes to the log and a counter, and, where it is known who that was, into the
//! ledger.

use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use casework::Caller;
use hub::{Hub, HubError, Limited, SignedIn};
use identity::login::Ticket;
use maud::Markup;

use super::form::{self, Form};
use super::place::Place;
use super::refused::{Stop, stopped};
use super::{Desk, DeskRoute, Needs, cookies};
use crate::body::Incoming;
use crate::pages::Language;
use crate::pages::layout;
use crate::routes::Verb;
use crate::server::Shared;
use crate::{around, serve};

/// Stricter and looser than elsewhere by what forms need: they go to us, and browsers say that they come
/// from us. A redirect that follows a form must stay here too, which is why one goes to a provider by a link.
const HEADERS: [(&str, &str); 2] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "same-origin"),
];

/// A visit that passed the pipeline.
pub(crate) struct Visit {
    pub shared: Data<Shared>,
    pub request: HttpRequest,
    /// The session's secret and whose it is; none where the page needs none.
    pub session: Option<(Ticket, SignedIn)>,
    pub form: Form,
}

/// One visit to one page, in a task of its own: a browser that hangs up does not stop half-way what it began.
pub(crate) async fn visit(
    route: &'static DeskRoute,
    request: HttpRequest,
    payload: Payload,
    shared: Data<Shared>,
) -> HttpResponse {
    let work = answer(route, request.clone(), payload, shared.clone());
    let mut answer = match actix_web::rt::spawn(work).await {
        Ok(answer) => answer,
        Err(_) => {
            tracing::error!(route = route.path, "a visit broke off inside");
            stopped(Stop::problem("internal"), &request, &shared)
        }
    };
    for (name, value) in HEADERS {
        answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

async fn answer(
    route: &'static DeskRoute,
    request: HttpRequest,
    payload: Payload,
    shared: Data<Shared>,
) -> HttpResponse {
    let mut incoming = Incoming::new(payload);
    let mut visit = Visit { shared, request, session: None, form: Form::default() };
    let (request, shared) = (visit.request.clone(), visit.shared.clone());
    let entered = enter(route, &mut visit, &mut incoming).await;
    let mut caller = visit.session.as_ref().map(|(_, held)| held.caller.clone());
    let stop = match entered {
        Ok(()) => match (route.show)(visit).await {
            Ok(answer) => return answer,
            Err(stop) => stop,
        },
        Err(stop) => stop,
    };
    incoming.drain().await;
    if matches!(stop, Stop::NotSignedIn(_)) {
        // Who comes back from a provider and is not believed may be somebody here, who was to confirm that.
        caller = find_session(&request, &shared).await.ok().and_then(Result::ok).map(|(_, held)| held.caller);
    }
    note(&shared, caller.as_ref(), &stop).await;
    stopped(stop, &request, &shared)
}

/// A refusal of a known person is an entry. What a provider or we fail at is no refusal.
async fn note(shared: &Shared, caller: Option<&Caller>, stop: &Stop) {
    match (stop, caller) {
        (Stop::Problem(problem), caller) => serve::note(shared, caller, problem).await,
        (Stop::NotDone(slug) | Stop::Confirm(slug, _) | Stop::NotSignedIn(slug), Some(caller)) => {
            serve::note_as(shared, caller, slug, None).await;
        }
        _ => {}
    }
}

async fn enter(route: &'static DeskRoute, visit: &mut Visit, incoming: &mut Incoming) -> Result<(), Stop> {
    check_host(visit.desk(), &visit.request)?;
    if route.needs == Needs::Nothing {
        return Ok(());
    }
    let known = visit.find_session().await?;
    let posted = route.method == Verb::Post;
    // Whoever has no session is sent to sign in; a form cannot be sent again for them.
    let known =
        known.map_err(|slug| if posted { Stop::NotDone(slug) } else { Stop::SignIn(slug, visit.here()) })?;
    // From here on it is known who is refused.
    let (secret, signed_in) = &*visit.session.insert(known);
    around::name_caller(&visit.request, &signed_in.caller);
    let what = if posted { Limited::Writes } else { Limited::Reads };
    let (api, request) = (&visit.shared.api, &visit.request);
    api.hub.limits.take(&signed_in.caller, what).map_err(HubError::from)?;
    let fresh = signed_in.is_fresh(api.desk.now());
    if posted {
        form::check_origin(&api.desk, request).map_err(Stop::NotDone)?;
        let body = incoming.read(request.headers()).await.map_err(Stop::Problem)?;
        visit.form = form::read(request, &body, secret).map_err(Stop::NotDone)?;
    }
    if route.needs == Needs::Fresh && !fresh {
        let back =
            visit.form.field("return_to").or(visit.query("return_to").as_deref()).and_then(Place::parse);
        return Err(Stop::Confirm("auth-time-old", back.unwrap_or_else(|| visit.here())));
    }
    Ok(())
}

/// Another name for this host would be another site to the browser, and might be another's (DNS rebinding).
fn check_host(desk: &Desk, request: &HttpRequest) -> Result<(), Stop> {
    let ours = desk.url.split_once("://").map(|(_, host)| host);
    if form::single(request.headers(), &HOST) == ours { Ok(()) } else { Err(Stop::Elsewhere) }
}

/// The session of the browser's cookie, as it counts now, or why none does. Whoever comes too often from one
/// address with secrets that are none is not looked for.
async fn find_session(
    request: &HttpRequest,
    shared: &Shared,
) -> Result<Result<(Ticket, SignedIn), &'static str>, Stop> {
    let Some(secret) = cookies::read(request, cookies::SESSION) else { return Ok(Err("session-missing")) };
    let (desk, limits, id) = (&shared.api.desk, &shared.api.hub.limits, secret.id());
    limits.take_visit(request.peer_addr().map(|peer| peer.ip()), &id).map_err(HubError::from)?;
    let found = shared.api.hub.signed_in(&id, desk.rules, desk.now()).await?;
    limits.note_visit(&id, found.is_ok());
    Ok(match found {
        Err(why) => Err(why.slug()),
        Ok(held) if !desk.serves(&held.session.provider, &held.session.agency) => Err("session-provider"),
        Ok(held) => Ok((secret, held)),
    })
}

impl Visit {
    pub fn desk(&self) -> &Desk {
        &self.shared.api.desk
    }

    pub fn hub(&self) -> &Hub {
        &self.shared.api.hub
    }

    /// Whose session it is. Its absence would be a line of the table that says `Nothing` by mistake.
    pub fn session(&self) -> Result<&(Ticket, SignedIn), Stop> {
        self.session.as_ref().ok_or_else(|| Stop::problem("internal"))
    }

    /// The session of the browser's cookie, as it counts now, or why none does.
    pub async fn find_session(&self) -> Result<Result<(Ticket, SignedIn), &'static str>, Stop> {
        find_session(&self.request, &self.shared).await
    }

    pub fn language(&self) -> Language {
        Language::asked(&self.request)
    }

    /// A page of ours, in the language that was chosen.
    pub fn place(&self, path: &str) -> Place {
        Place::of(path, Language::said(&self.request))
    }

    /// This page.
    pub fn here(&self) -> Place {
        Place::parse(self.request.path()).map_or_else(Place::home, |_| self.place(self.request.path()))
    }

    /// A value of the query that stands once.
    pub fn query(&self, name: &str) -> Option<String> {
        let pairs =
            actix_web::web::Query::<Vec<(String, String)>>::from_query(self.request.query_string()).ok()?;
        let mut found =
            pairs.into_inner().into_iter().filter(|(held, _)| held == name).map(|(_, value)| value);
        found.next().filter(|_| found.next().is_none())
    }

    /// A segment of the path.
    pub fn segment(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    /// A page.
    pub fn page(&self, status: StatusCode, title: &str, place: &Place, content: &Markup) -> HttpResponse {
        let sandbox = self.shared.api.public.sandbox;
        layout::answer(status, layout::page(title, &place.text(), sandbox, self.language(), content))
    }
}
