//! `/desk/sign-in`: the agencies whose people can sign in; and the step to an agency's provider. The browser
//! gets a ticket, the hub keeps its hash, and everything the provider is sent is made from it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use casework::AgencyCode;
use hub::HubError;
use identity::login::{Asked, LoginDefect, TICKET_SECONDS, Ticket};
use maud::html;
use store::SignIn;

use super::place::Place;
use super::refused::Stop;
use super::{DeskRoute, Needs, Visit, cookies};
use crate::pages::problems;
use crate::routes::Verb;

pub(crate) const LIST: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/sign-in",
    needs: Needs::Nothing,
    show: |visit| Box::pin(async move { Ok(list(&visit)) }),
};

/// A link and no form: a form's redirects may not leave this site (`form-action`).
pub(crate) const START: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/sign-in/{provider}/{agency}",
    needs: Needs::Nothing,
    show: |visit| Box::pin(start(visit)),
};

fn list(visit: &Visit) -> HttpResponse {
    let language = visit.language();
    let place = Place::parse_or_home(visit.query("return_to").as_deref());
    let title = language.of("Sign in", "سائن ان");
    let providers = &visit.desk().providers;
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        @if providers.is_empty() {
            p { (language.of("Nobody can sign in here: this installation names no provider.",
                "یہاں کوئی سائن ان نہیں کر سکتا: اس تنصیب میں کوئی شناختی نظام درج نہیں۔")) }
        } @else {
            p { (language.of("Whose people are you one of? You prove who you are where your agency does so.",
                "آپ کس ادارے کے عملے میں ہیں؟ آپ اپنی شناخت وہیں ثابت کرتے ہیں جہاں آپ کا ادارہ کرتا ہے۔")) }
            ul.choices {
                @for provider in providers { @for agency in &provider.agencies {
                    li {
                        a.button href={
                            "/desk/sign-in/" (provider.name) "/" (agency) "?return_to=" (place.encoded())
                        } { bdi { (name_of(visit, agency)) } }
                        span.quiet { " " bdi { (provider.name) } }
                    }
                } }
            }
        }
    };
    let own = format!("/desk/sign-in?return_to={}", place.encoded());
    visit.page(StatusCode::OK, title, &Place::of(&own, None), &content)
}

/// As the directory calls it.
pub(crate) fn name_of(visit: &Visit, agency: &AgencyCode) -> String {
    visit.hub().directory.agency(agency).map_or_else(|| agency.to_string(), |row| row.name.clone())
}

async fn start(visit: Visit) -> Result<HttpResponse, Stop> {
    let unknown = |_| Stop::problem("not-found");
    let agency: AgencyCode = visit.segment("agency").parse().map_err(unknown)?;
    let provider = visit.segment("provider").to_owned();
    if !visit.desk().serves(&provider, &agency) {
        return Err(Stop::problem("not-found"));
    }
    let from = visit.request.peer_addr().map(|peer| peer.ip());
    visit.hub().limits.take_sign_in(from).map_err(HubError::from)?;
    let place = Place::parse_or_home(visit.query("return_to").as_deref());
    let asked = Asked::WithinSeconds(visit.desk().rules.absolute_seconds);
    send(&visit, provider, agency, place, None, asked).await
}

/// Sends the browser to the provider; `session` is the one that is confirmed by it.
pub(crate) async fn send(
    visit: &Visit,
    provider: String,
    agency: AgencyCode,
    place: Place,
    session: Option<String>,
    asked: Asked,
) -> Result<HttpResponse, Stop> {
    let (desk, ticket) = (visit.desk(), Ticket::draw());
    let away = |defect: LoginDefect| Stop::Away(defect.slug());
    let url = desk.login.begin(&provider, &ticket, asked).await.map_err(away)?;
    let begun = desk.now();
    let sign_in = SignIn {
        id: ticket.id(),
        provider,
        agency,
        place: place.text(),
        session,
        begun,
        ends: begun.plus_seconds(TICKET_SECONDS),
    };
    if !visit.hub().begin_sign_in(sign_in).await? {
        return Err(Stop::Away("too-many-logins"));
    }
    let mut answer = HttpResponse::SeeOther();
    cookies::login(&mut answer, &ticket);
    Ok(answer.insert_header((LOCATION, url.as_str())).finish())
}
