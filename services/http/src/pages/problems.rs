//! `/problems` and `/problems/{slug}`: the page behind each problem's `type`, made from the same table.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

use super::layout;
use crate::Api;
use crate::problem::{Kind, PROBLEMS, Remedy, kind};

pub(super) fn show_index(api: &Api, _: &HttpRequest) -> HttpResponse {
    layout::answer(StatusCode::OK, index(api.public.sandbox))
}

pub(super) fn show_one(api: &Api, request: &HttpRequest) -> HttpResponse {
    let sandbox = api.public.sandbox;
    match kind(request.match_info().get("slug").unwrap_or_default()) {
        Some(kind) => layout::answer(StatusCode::OK, page(kind, sandbox)),
        None => layout::answer(StatusCode::NOT_FOUND, no_such_problem(sandbox)),
    }
}

/// The list of all problems.
#[must_use]
pub fn index(sandbox: bool) -> Markup {
    let content = html! {
        h1 { "Problems" }
        p {
            "Each refusal of this hub has one of these types. Its address in an answer's " code { "type" }
            " is its page here."
        }
        ul.endpoints {
            @for kind in PROBLEMS {
                li {
                    a href={ "/problems/" (kind.slug) } { (words(kind.title)) }
                    span { span.status { (kind.status) } " " code { (kind.slug) } }
                }
            }
        }
    };
    layout::page("Problems", sandbox, &content)
}

/// The page of one problem.
#[must_use]
pub fn page(kind: &Kind, sandbox: bool) -> Markup {
    let content = html! {
        h1 { (words(kind.title)) }
        p { span.status { (kind.status) } " " code { (kind.slug) } }
        h2 { "What it means" }
        p { (words(&sentence(kind.meaning))) }
        h2 { "What to do" }
        p { (words(kind.advice)) }
        p.quiet { (remedy(kind.remedy)) }
    };
    layout::page(kind.title, sandbox, &content)
}

fn no_such_problem(sandbox: bool) -> Markup {
    let content = html! {
        h1 { "No such problem" }
        p { "There is no problem of that name. " a href="/problems" { "All problems" } "." }
    };
    layout::page("No such problem", sandbox, &content)
}

const fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Mend => "The same request will be refused again: mend it first.",
        Remedy::Retry => "The same request, with the same idempotency key, will succeed later.",
        Remedy::Ask => "Repeating the request does not help until a person has looked.",
    }
}

/// The table marks names with backticks, as answers do; a page shows them as code.
fn words(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// The table's words begin small and end without a full stop, because they also stand in answers.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
