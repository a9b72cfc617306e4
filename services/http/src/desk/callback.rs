//! `/desk/callback/{provider}`: the browser comes back. The login has to be this browser's, begun at this
//! provider, less than ten minutes old and not used before; then the code is exchanged and judged, and
//! whoever the agency has named gets a session with a new secret. Anything else ends on one page.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use identity::login::{Answer, Asked, LoginDefect, Ticket};
use store::SignIn;

use super::refused::Stop;
use super::{DeskRoute, Needs, Visit, cookies};
use crate::measure;
use crate::routes::Verb;

pub(crate) const ROUTE: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/callback/{provider}",
    needs: Needs::Nothing,
    show: |visit| Box::pin(come_back(visit)),
};

async fn come_back(visit: Visit) -> Result<HttpResponse, Stop> {
    let (desk, provider) = (visit.desk(), visit.segment("provider").to_owned());
    let answer = Answer::parse(visit.request.query_string())?;
    let ticket = cookies::read(&visit.request, cookies::LOGIN).ok_or(LoginDefect::NoPreSession)?;
    // Before the login is used up: another site can send a browser here, but not with its `state`.
    desk.login.check_state(&ticket, &answer)?;
    let sign_in = visit.hub().take_sign_in(ticket.id(), desk.now()).await?;
    let sign_in = sign_in.ok_or(LoginDefect::PreSessionGone)?;
    if sign_in.provider != provider || !desk.serves(&provider, &sign_in.agency) {
        return Err(LoginDefect::PreSessionElsewhere.into());
    }
    let who = desk.login.finish(&provider, &ticket, answer, asked(&visit, &sign_in)).await?;
    let before = visit.find_session().await?.ok().map(|(_, held)| held.session);
    let secret = Ticket::draw();
    let opened = visit.hub().sign_in(&sign_in, &who, before, secret.id(), desk.rules, desk.now()).await?;
    let session = opened.ok_or(Stop::NotSignedIn("person-unknown"))?;
    let kind = if sign_in.session.is_some() { "confirmed" } else { "signed-in" };
    measure::signed_in(kind);
    tracing::info!(
        person = %session.person, agency = %session.agency, kind, 
        "a person came back from a provider");
    Ok(welcome(&sign_in, &secret))
}

/// What was asked of the provider when this login was begun.
fn asked(visit: &Visit, sign_in: &SignIn) -> Asked {
    match sign_in.session {
        Some(_) => Asked::AnewSince(sign_in.begun.micros().div_euclid(1_000_000)),
        None => Asked::WithinSeconds(visit.desk().rules.absolute_seconds),
    }
}

fn welcome(sign_in: &SignIn, secret: &Ticket) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    cookies::session(&mut answer, secret);
    let mut answer = answer.insert_header((LOCATION, sign_in.place.as_str())).finish();
    cookies::forget(&mut answer, cookies::LOGIN);
    answer
}
