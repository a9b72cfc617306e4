//! A form that was posted: is it one of ours? The browser says where it comes from (`Origin`,
//! `Sec-Fetch-Site`), and it carries a token made from the session's secret, which no other site can know.
//! Both have to be right (OWASP: Cross-Site Request Forgery Prevention).

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, ORIGIN};
use actix_web::web::Query;
use casework::Sensitive;
use identity::login::Ticket;

use super::Desk;

/// Our forms have a few short fields.
const FORM_BYTES_MAX: usize = 16 * 1024;
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The field with the token.
pub(crate) const TOKEN: &str = "csrf";
/// What the token is made for.
const PURPOSE: &str = "csrf";
/// As browsers send forms.
const MEDIA: &str = "application/x-www-form-urlencoded";

/// The fields of a form.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// A field that may stand several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// A field that stands once.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(held, _)| held == name).map(|(_, value)| value.as_str());
        found.next().filter(|_| found.next().is_none())
    }
}

/// Was it sent by a page of ours? Asked before the body is looked at.
pub(crate) fn check_origin(desk: &Desk, request: &HttpRequest) -> Result<(), &'static str> {
    let headers = request.headers();
    if single(headers, &ORIGIN) != Some(&*desk.url) {
        return Err("origin-wrong");
    }
    // Browsers of before 2023 do not say it.
    match headers.contains_key(FETCH_SITE) {
        true if single(headers, &FETCH_SITE) != Some("same-origin") => Err("fetch-site-wrong"),
        _ => Ok(()),
    }
}

/// The fields, if the token is this session's.
pub(crate) fn read(
    request: &HttpRequest,
    body: &Sensitive<Vec<u8>>,
    secret: &Ticket,
) -> Result<Form, &'static str> {
    let media = single(request.headers(), &CONTENT_TYPE).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case(MEDIA) || body.expose().len() > FORM_BYTES_MAX {
        return Err("form-malformed");
    }
    let text = std::str::from_utf8(body.expose()).map_err(|_| "form-malformed")?;
    let form =
        Form(Query::<Vec<(String, String)>>::from_query(text).map_err(|_| "form-malformed")?.into_inner());
    let token = form.field(TOKEN).ok_or("csrf-missing")?;
    if secret.fits(PURPOSE, token) { Ok(form) } else { Err("csrf-wrong") }
}

/// The token of a session's forms.
pub(crate) fn token(secret: &Ticket) -> String {
    secret.derived(PURPOSE)
}

/// A header that stands exactly once.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name);
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}
