//! `/`: what runs here and where to go from here.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use schemas::Helpline;

use super::{Language, layout};
use crate::Api;
use crate::roles::{Role, Roles};
use crate::routes::{Access, Route};

pub(super) fn show(api: &Api, _: &HttpRequest) -> HttpResponse {
    let helplines: Vec<&Helpline> =
        api.hub.directory.helplines().iter().filter(|line| line.may_be_published()).collect();
    let content = html! {
        h1 { "The child-protection referral hub" }
        p {
            "Amaan passes referrals between the agencies that protect children in Pakistan: it checks who is "
            "calling and whether that agency may, writes every step down so that nobody can deny it, hands "
            "each agency only what it needs to know, and keeps asking until somebody answers."
        }
        (notes(&api.public.notes, &api.roles))
        h2 { "Where to go" }
        ul {
            @if !api.desk.providers.is_empty() {
                li { a href="/desk" { "The desk" } ", where an agency's people sign in" }
            }
            li { a href="/openapi.json" { "The API's description" } ", with every message's schema" }
            li { a href="/problems" { "What each problem means" } ", and what to do about it" }
            li { a href="/readyz" { "Is it ready?" } }
            @if api.roles.shows_metrics() {
                li { a href="/metrics" { "Metrics" } " for Prometheus" }
            }
            @if api.roles.has(Role::Oversight) {
                li { a href="/v1/audit/key" { "The ledger's public key" } ", to verify receipts with" }
            }
        }
        (telephone(&helplines))
        h2 { "Addresses" }
        p { "Every request needs an access token of a registered client, unless it says " em { "open" } "." }
        ul.endpoints { @for route in api.roles.routes() { (endpoint(route)) } }
    };
    layout::answer(
        StatusCode::OK,
        layout::page("Start", "/", api.public.sandbox, Language::English, &content),
    )
}

fn notes(notes: &[String], roles: &Roles) -> Markup {
    html! {
        h2 { "This installation" }
        ul {
            li { "This process does: " (roles) "." }
            @for note in notes { li { (note) } }
        }
    }
}

fn telephone(lines: &[&Helpline]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h2 { "If a child is in danger" }
            p { "This is a system of agencies, and nobody reads what is written here in time. Call:" }
            ul { @for line in lines { li { strong { (line.number) } " " (line.owner) ", " (line.purpose) } } }
        }
    }
}

fn endpoint(route: &Route) -> Markup {
    let access = match route.access {
        Access::Public => "open".to_owned(),
        Access::Client => "any registered client".to_owned(),
        Access::Scope(scopes) => scopes.join(" or "),
    };
    html! {
        li {
            code { (route.method.as_str()) " " (route.path) }
            span { (route.summary) }
            span.quiet { (access) }
        }
    }
}
