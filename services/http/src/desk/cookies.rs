//! The two cookies: the session's secret, and the ticket of a login under way. `__Host-` makes browsers keep
//! them for exactly this host, over https alone (or to this very machine), for scripts never. A cookie that
//! stands twice counts as none: one of the two was planted.

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::{HttpResponse, HttpResponseBuilder};
use identity::login::{TICKET_SECONDS, Ticket};

/// The session's.
pub(crate) const SESSION: &str = "__Host-amaan";
/// That of a login under way.
pub(crate) const LOGIN: &str = "__Host-amaan-login";

/// What the browser holds under this name.
pub(crate) fn read(request: &HttpRequest, name: &str) -> Option<Ticket> {
    let texts = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(held, _)| *held == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(one), None) => Ticket::parse(one),
        _ => None,
    }
}

/// For as long as the browser runs; the session itself ends earlier.
pub(crate) fn session(answer: &mut HttpResponseBuilder, secret: &Ticket) {
    put(answer, SESSION, &secret.text(), "");
}

/// For as long as a login may take.
pub(crate) fn login(answer: &mut HttpResponseBuilder, ticket: &Ticket) {
    put(answer, LOGIN, &ticket.text(), &format!("; Max-Age={TICKET_SECONDS}"));
}

/// Takes one away.
pub(crate) fn forget(answer: &mut HttpResponse, name: &str) {
    if let Ok(value) = line(name, "", "; Max-Age=0").parse() {
        answer.headers_mut().append(SET_COOKIE, value);
    }
}

fn put(answer: &mut HttpResponseBuilder, name: &str, value: &str, more: &str) {
    answer.append_header((SET_COOKIE, line(name, value, more)));
}

// Lax and not Strict: who comes back from the provider comes from another site.
fn line(name: &str, value: &str, more: &str) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{more}")
}
