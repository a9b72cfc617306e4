//! What somebody is shown who may not go on: one page for every login that failed, one for every form that
//! is not ours, whatever the reason, so that nobody learns whether a person exists or which rule it was. The
//! number on the page is the request's, by which an operator finds the reason in the log.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use hub::HubError;
use identity::login::LoginDefect;
use maud::{Markup, html};
use store::StoreError;

use super::cookies;
use super::place::Place;
use crate::pages::{Language, layout, problems};
use crate::problem::{Problem, kind};
use crate::server::Shared;
use crate::{around, measure};

/// Why a visit does not get its page.
pub(crate) enum Stop {
    /// A login failed; the word is for the log.
    NotSignedIn(&'static str),
    /// A form is not ours, or nobody's any more.
    NotDone(&'static str),
    /// Somebody has to sign in first, and goes on from there.
    SignIn(&'static str, Place),
    /// Somebody has to confirm who they are first, and goes on from there.
    Confirm(&'static str, Place),
    /// The provider cannot be reached, or people cannot be sent there.
    Away(&'static str),
    /// The page was opened by another name of this host.
    Elsewhere,
    /// What a use case said.
    Problem(Problem),
}

impl Stop {
    pub fn problem(slug: &'static str) -> Self {
        Self::Problem(Problem::new(slug))
    }
}

impl From<HubError> for Stop {
    fn from(error: HubError) -> Self {
        Self::Problem(error.into())
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

impl From<LoginDefect> for Stop {
    fn from(defect: LoginDefect) -> Self {
        Self::NotSignedIn(defect.slug())
    }
}

/// The answer.
pub(crate) fn stopped(stop: Stop, request: &HttpRequest, shared: &Shared) -> HttpResponse {
    let told = Told { request, shared, language: Language::asked(request) };
    match stop {
        Stop::NotSignedIn(slug) => {
            told.note(slug);
            let mut answer = told.page(StatusCode::FORBIDDEN, not_signed_in(told.language));
            cookies::forget(&mut answer, cookies::LOGIN);
            answer
        }
        Stop::NotDone(slug) => {
            told.note(slug);
            told.page(StatusCode::FORBIDDEN, not_done(told.language))
        }
        Stop::SignIn(slug, place) => {
            // Whoever comes without a cookie has not been refused anything.
            if slug != "session-missing" {
                told.note(slug);
            }
            see_other(&format!("/desk/sign-in?return_to={}", place.encoded()))
        }
        Stop::Confirm(slug, place) => {
            told.note(slug);
            see_other(&format!("/desk/confirm?return_to={}", place.encoded()))
        }
        Stop::Away(slug) => {
            told.note(slug);
            told.page(StatusCode::SERVICE_UNAVAILABLE, away(told.language))
        }
        Stop::Elsewhere => told.page(StatusCode::MISDIRECTED_REQUEST, elsewhere(&told)),
        Stop::Problem(problem) => told.problem(&problem),
    }
}

/// On to another address with GET.
pub(crate) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

struct Told<'a> {
    request: &'a HttpRequest,
    shared: &'a Shared,
    language: Language,
}

impl Told<'_> {
    fn note(&self, slug: &'static str) {
        measure::desk_refused(slug);
        let id = around::request_id(self.request);
        tracing::info!(request = %id, defect = slug, "a visit to the desk was refused");
    }

    fn page(&self, status: StatusCode, (title, content): (&str, Markup)) -> HttpResponse {
        let language = self.language;
        let number = around::request_id(self.request);
        let content = html! {
            h1 { (title) }
            (content)
            p {
                a.button href={ "/desk?lang=" (language.tag()) } {
                    (language.of("Go to the desk", "ڈیسک پر جائیں"))
                }
            }
            p.quiet {
                (language.of("If it happens again, tell your administrator this number: ",
                    "اگر دوبارہ ایسا ہو تو اپنے منتظم کو یہ نمبر بتائیں: "))
                code dir="ltr" { (number) }
            }
        };
        let sandbox = self.shared.api.public.sandbox;
        layout::answer(status, layout::page(title, "/desk", sandbox, language, &content))
    }

    /// The problem's own page would say it in the API's words; here it is about a person.
    fn problem(&self, problem: &Problem) -> HttpResponse {
        measure::problem(problem.slug());
        around::name_problem(self.request, problem.slug());
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let Some(kind) = kind(problem.slug()) else { return HttpResponse::InternalServerError().finish() };
        let told = problems::told(kind, self.language);
        let content = html! {
            p { (problems::words(&problems::sentence(&told.meaning, self.language))) }
            p { (problems::words(&told.advice)) }
        };
        self.page(status, (&told.title.replace('`', ""), content))
    }
}

fn not_signed_in(language: Language) -> (&'static str, Markup) {
    let content = html! {
        p {
            (language.of(
                "Nobody is signed in by this. It took too long, was begun in another browser, was answered \
                 twice, or your agency has not named you as one of its people.",
                "اس سے کوئی سائن ان نہیں ہوا۔ یا تو دیر ہو گئی، یا یہ کسی دوسرے براؤزر میں شروع ہوا \
                 تھا، یا دو بار جواب آیا، \
                 یا آپ کے ادارے نے آپ کا نام اپنے عملے میں درج نہیں کیا۔",
            ))
        }
        p {
            (language.of(
                "Begin again from the desk. Who its people are, an agency's administrator says.",
                "ڈیسک سے دوبارہ شروع کریں۔ عملے میں کون ہے، یہ ادارے کا منتظم بتاتا ہے۔",
            ))
        }
    };
    (language.of("You could not be signed in", "آپ سائن ان نہیں ہو سکے"), content)
}

fn not_done(language: Language) -> (&'static str, Markup) {
    let content = html! {
        p {
            (language.of(
                "Nothing was done. Your session may have ended, or the form was not sent from a page of \
                 this desk.",
                "کچھ نہیں کیا گیا۔ شاید آپ کا سیشن ختم ہو گیا، یا فارم اس ڈیسک کے صفحے سے نہیں بھیجا گیا۔",
            ))
        }
        p { (language.of("Open the page again and repeat it.", "صفحہ دوبارہ کھولیں اور پھر کوشش کریں۔")) }
    };
    (language.of("This was not done", "یہ نہیں کیا گیا"), content)
}

fn away(language: Language) -> (&'static str, Markup) {
    let content = html! {
        p {
            (language.of(
                "The place where you prove who you are does not answer now. Try again in a minute.",
                "وہ نظام جہاں آپ اپنی شناخت ثابت کرتے ہیں، اس وقت جواب نہیں دے رہا۔ ایک منٹ بعد دوبارہ \
                 کوشش کریں۔",
            ))
        }
    };
    (language.of("Signing in is not possible now", "ابھی سائن ان ممکن نہیں"), content)
}

fn elsewhere(told: &Told<'_>) -> (&'static str, Markup) {
    let url = &told.shared.api.desk.url;
    let content = html! {
        p {
            (told.language.of("This desk has one address: ", "اس ڈیسک کا ایک ہی پتا ہے: "))
            a href={ (url) "/desk" } dir="ltr" { (url) "/desk" }
        }
    };
    (told.language.of("Open it by its own address", "اسے اس کے اپنے پتے سے کھولیں"), content)
}
