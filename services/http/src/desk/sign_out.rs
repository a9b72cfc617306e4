//! `POST /desk/sign-out`: the session ends at once, for every process. The provider may keep one of its own;
//! where it has a place to end that, the page links there.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::refused::Stop;
use super::{DeskRoute, Needs, Visit, cookies};
use crate::measure;
use crate::pages::problems;
use crate::routes::Verb;

pub(crate) const ROUTE: DeskRoute = DeskRoute {
    method: Verb::Post,
    path: "/desk/sign-out",
    needs: Needs::Session,
    show: |visit| Box::pin(sign_out(visit)),
};

async fn sign_out(visit: Visit) -> Result<HttpResponse, Stop> {
    let session = &visit.session()?.1.session;
    visit.hub().sign_out(session).await?;
    measure::signed_in("signed-out");
    let back = format!("{}/desk/sign-in", visit.desk().url);
    let farewell = visit.desk().login.farewell(&session.provider, &back).await;
    let language = visit.language();
    let title = language.of("You are signed out", "آپ سائن آؤٹ ہو گئے");
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        @if let Some(url) = farewell {
            p {
                (language.of(
                    "Where you proved who you are, you may still be signed in. On a shared computer end \
                     that too.",
                    "جہاں آپ نے اپنی شناخت ثابت کی تھی، وہاں شاید آپ اب بھی سائن ان ہوں۔ مشترکہ کمپیوٹر \
                     پر اسے بھی ختم کریں۔",
                ))
            }
            p {
                a.button href=(url) rel="noreferrer" {
                    (language.of("Sign out there too", "وہاں سے بھی سائن آؤٹ کریں"))
                }
            }
        }
        p {
            a href=(visit.place("/desk/sign-in").text()) {
                (language.of("Sign in again", "دوبارہ سائن ان کریں"))
            }
        }
    };
    let mut answer = visit.page(StatusCode::OK, title, &visit.place("/desk/sign-in"), &content);
    cookies::forget(&mut answer, cookies::SESSION);
    Ok(answer)
}
