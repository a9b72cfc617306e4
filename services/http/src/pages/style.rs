//! The one style sheet, embedded. It changes only with the program, so it may be kept for an hour.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};

use crate::Api;

/// Where it is.
pub(crate) const PATH: &str = "/assets/style.css";
const SHEET: &str = include_str!("style.css");

pub(crate) fn show(_: &Api, _: &HttpRequest) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/css; charset=utf-8").insert_header((CACHE_CONTROL, "public, max-age=3600"));
    answer.body(SHEET)
}
