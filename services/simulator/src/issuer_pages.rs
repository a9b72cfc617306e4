//! The two pages of the sandbox's issuer: which of the invented people is it, and goodbye. No style, no
//! script; what is said and who may be picked is `identity::issuer`'s.

use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use identity::issuer::{Issuer, OAuthError};

const HTML: &str = "text/html; charset=utf-8";
/// By this parameter somebody is picked.
const PICKED: &str = "&picked=";
const POLICY: (&str, &str) = ("content-security-policy", "default-src 'none'; frame-ancestors 'none'");

/// Everybody who can be picked; or, somebody being picked, on to where the answer goes.
pub(crate) async fn authorize(issuer: Data<Issuer>, request: HttpRequest) -> HttpResponse {
    let query = request.query_string();
    let answered = match query.rsplit_once(PICKED) {
        Some((query, subject)) => issuer
            .pick(query, subject)
            .map(|address| HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()),
        None => issuer.ask(query).map(|people| {
            let line = |person: &identity::issuer::Person| {
                let href =
                    format!("?{query}{PICKED}{}", person.subject).replace('&', "&amp;").replace('"', "%22");
                format!("<li><a href=\"{href}\">{}</a>: {}</li>", person.subject, person.about)
            };
            let lines: String = people.iter().map(line).collect();
            page("Who are you?", &format!("<p>Invented people of the sandbox. Pick one.</p><ul>{lines}</ul>"))
        }),
    };
    answered.unwrap_or_else(|_: OAuthError| {
        let mut answer = page("This is no question of the desk", "<p>Begin at the desk.</p>");
        *answer.status_mut() = actix_web::http::StatusCode::BAD_REQUEST;
        answer
    })
}

/// This issuer keeps nobody signed in.
pub(crate) async fn end_session() -> HttpResponse {
    page("Goodbye", "<p>You are signed out here too.</p>")
}

fn page(title: &str, content: &str) -> HttpResponse {
    let text = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <h1>{title}</h1>{content}</html>"
    );
    HttpResponse::Ok()
        .content_type(HTML)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header(POLICY)
        .body(text)
}
