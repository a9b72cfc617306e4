//! The frame of every page: language, width, one style sheet, the sandbox's banner.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::style;

const HTML: &str = "text/html; charset=utf-8";

/// A whole page.
pub(crate) fn page(title: &str, sandbox: bool, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Amaan" }
                link rel="stylesheet" href=(style::PATH);
            }
            body {
                a.skip href="#content" { "Skip to content" }
                @if sandbox {
                    p.banner role="note" {
                        strong { "Sandbox." }
                        " Synthetic data only: no child here is real, and nothing sent here reaches anybody."
                    }
                }
                header { a.home href="/" { "Amaan " span lang="ur" dir="rtl" { "امان" } } }
                main id="content" { (content) }
                footer {
                    a href="/" { "Start" }
                    a href="/problems" { "Problems" }
                    a href="/openapi.json" { "OpenAPI" }
                }
            }
        }
    }
}

/// A page as an answer.
pub(crate) fn answer(status: StatusCode, page: Markup) -> HttpResponse {
    HttpResponse::build(status).content_type(HTML).body(page.into_string())
}
