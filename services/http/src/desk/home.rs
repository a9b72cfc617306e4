//! `/desk`: who is signed in, as what, and until when; and what waits for them. No name stands here: the hub
//! keeps none.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use casework::{ApprovalStatus, Timestamp};
use chrono::{DateTime, FixedOffset};
use maud::{Markup, html};

use super::approvals::is_for;
use super::refused::Stop;
use super::sign_in::name_of;
use super::{DeskRoute, Needs, Visit, form, retention};
use crate::pages::{Language, problems};
use crate::routes::Verb;

/// Pakistan is five hours ahead of UTC, in summer and winter.
const PAKISTAN_SECONDS: i32 = 5 * 3_600;

pub(crate) const ROUTE: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk",
    needs: Needs::Session,
    show: |visit| Box::pin(home(visit)),
};

async fn home(visit: Visit) -> Result<HttpResponse, Stop> {
    let (secret, held) = visit.session()?;
    let open = visit.hub().list_approvals(&held.caller, Some(ApprovalStatus::Open)).await?;
    let waiting = open.iter().filter(|approval| is_for(approval)).count();
    let language = visit.language();
    let title = language.of("Your desk", "آپ کا ڈیسک");
    let session = &held.session;
    let idle = session.seen.plus_seconds(visit.desk().rules.idle_seconds).min(session.ends);
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        dl.facts {
            (fact(language.of("Agency", "ادارہ"), &html! { bdi { (name_of(&visit, &session.agency)) } }))
            (fact(language.of("Roles", "ذمہ داریاں"), &roles(&held.caller.roles)))
            (fact(language.of("You stand in the ledger as", "کھاتے میں آپ کی علامت"),
                &html! { code dir="ltr" { (session.person) } }))
            (fact(language.of("Proved at", "شناخت کا ثبوت"),
                &html! { bdi { (session.provider) } ", " (time(session.auth_time)) }))
            (fact(language.of("Session ends, if unused", "استعمال نہ ہو تو سیشن ختم ہو گا"), &time(idle)))
            (fact(language.of("Session ends at the latest", "سیشن کا آخری وقت"), &time(session.ends)))
        }
        h2 { (language.of("What waits for you", "کیا آپ کا منتظر ہے")) }
        p {
            a href=(visit.place("/desk/approvals").text()) {
                (language.of("Acts that take two people", "وہ کام جن کے لیے دو افراد چاہییں"))
            }
            " (" (waiting) ")"
        }
        @if retention::is_for(&held.caller) {
            p {
                a href=(visit.place("/desk/retention").text()) {
                    (language.of("Cases whose time is over", "وہ کیس جن کی مدت پوری ہو چکی"))
                }
            }
        }
        form method="post" action=(visit.place("/desk/sign-out").text()) {
            input type="hidden" name=(form::TOKEN) value=(form::token(secret));
            button type="submit" { (language.of("Sign out", "سائن آؤٹ")) }
        }
    };
    Ok(visit.page(StatusCode::OK, title, &visit.place("/desk"), &content))
}

/// A line of a list of facts.
pub(crate) fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn roles(words: &[String]) -> Markup {
    html! {
        @if words.is_empty() { "-" }
        @for (at, word) in words.iter().enumerate() { @if at > 0 { ", " } code dir="ltr" { (word) } }
    }
}

/// A moment in Pakistan's time.
pub(crate) fn time(at: Timestamp) -> Markup {
    let utc = DateTime::from_timestamp_micros(at.micros());
    let there = utc.zip(FixedOffset::east_opt(PAKISTAN_SECONDS)).map(|(utc, zone)| utc.with_timezone(&zone));
    let text = there.map_or_else(String::new, |there| there.format("%Y-%m-%d %H:%M PKT").to_string());
    html! { time dir="ltr" datetime=(at.to_string()) { (text) } }
}

/// Nothing is waiting in this language's words.
pub(crate) const fn nothing(language: Language) -> &'static str {
    language.of("Nothing.", "کچھ نہیں۔")
}
