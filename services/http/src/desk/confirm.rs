//! `/desk/confirm`: before a dangerous act the person proves anew who they are, at their provider, and comes
//! back to the same place with a session of a new secret.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use hub::HubError;
use identity::login::Asked;
use maud::html;

use super::place::Place;
use super::refused::Stop;
use super::sign_in::send;
use super::{DeskRoute, Needs, Visit};
use crate::pages::problems;
use crate::routes::Verb;

pub(crate) const ASK: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/confirm",
    needs: Needs::Session,
    show: |visit| Box::pin(async move { Ok(ask(&visit)) }),
};

pub(crate) const GO: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/confirm/go",
    needs: Needs::Session,
    show: |visit| Box::pin(go(visit)),
};

fn ask(visit: &Visit) -> HttpResponse {
    let language = visit.language();
    let place = Place::parse_or_home(visit.query("return_to").as_deref());
    let title = language.of("Confirm that it is you", "تصدیق کریں کہ یہ آپ ہی ہیں");
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        p {
            (language.of(
                "What you are about to do cannot be taken back. Prove who you are once more; you come \
                 back to the same page, and have five minutes then.",
                "جو آپ کرنے جا رہے ہیں وہ واپس نہیں ہو سکتا۔ ایک بار پھر اپنی شناخت ثابت کریں؛ آپ اسی \
                 صفحے پر واپس آئیں گے \
                 اور آپ کے پاس پانچ منٹ ہوں گے۔",
            ))
        }
        p {
            a.button href={ "/desk/confirm/go?return_to=" (place.encoded()) } {
                (language.of("Confirm it", "تصدیق کریں"))
            }
            " " a href=(place.text()) { (language.of("Go back", "واپس جائیں")) }
        }
    };
    let own = format!("/desk/confirm?return_to={}", place.encoded());
    visit.page(StatusCode::OK, title, &Place::of(&own, None), &content)
}

async fn go(visit: Visit) -> Result<HttpResponse, Stop> {
    let place = Place::parse_or_home(visit.query("return_to").as_deref());
    let session = visit.session()?.1.session.clone();
    visit.hub().limits.take_confirmation(&session.id).map_err(HubError::from)?;
    let asked = Asked::AnewSince(visit.desk().now().micros().div_euclid(1_000_000));
    send(&visit, session.provider, session.agency, place, Some(session.id), asked).await
}
