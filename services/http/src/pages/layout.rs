//! The frame of every page: language, width, one style sheet, the sandbox's banner.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use super::{Language, style};

const SYNTHETIC: &str = "Synthetic data only: no child here is real, and nothing sent here reaches anybody.";
const SYNTHETIC_UR: &str =
    "صرف فرضی معلومات: یہاں کوئی بچہ حقیقی نہیں، اور یہاں بھیجی گئی کوئی چیز کسی تک نہیں پہنچتی۔";
const HTML: &str = "text/html; charset=utf-8";

/// A whole page. `path` is its own, for the link to the other language.
pub(crate) fn page(title: &str, path: &str, sandbox: bool, language: Language, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Amaan" }
                link rel="stylesheet" href=(style::PATH);
            }
            body {
                a.skip href="#content" { (language.of("Skip to content", "مواد پر جائیں")) }
                @if sandbox {
                    p.banner role="note" {
                        strong { (language.of("Sandbox.", "آزمائشی نظام۔")) } " "
                        (language.of(SYNTHETIC, SYNTHETIC_UR))
                    }
                }
                header { a.home href="/" { "Amaan " span lang="ur" dir="rtl" { "امان" } } }
                main id="content" { (content) }
                (footer(path, language))
            }
        }
    }
}

fn footer(path: &str, language: Language) -> Markup {
    let other = language.other();
    let more = if path.contains('?') { "&lang=" } else { "?lang=" };
    html! {
        footer {
            a href="/" { (language.of("Start", "آغاز")) }
            a href="/problems" { (language.of("Problems", "مسائل")) }
            a href="/openapi.json" { "OpenAPI" }
            @if path != "/" {
                a href={ (path) (more) (other.tag()) } lang=(other.tag()) hreflang=(other.tag()) {
                    (other.name())
                }
            }
        }
    }
}

/// A page as an answer. Caches keep one for each language.
pub(crate) fn answer(status: StatusCode, page: Markup) -> HttpResponse {
    let varies = (header::VARY, header::ACCEPT_LANGUAGE.as_str());
    HttpResponse::build(status).content_type(HTML).insert_header(varies).body(page.into_string())
}
