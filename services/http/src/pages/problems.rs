//! `/problems` and `/problems/{slug}`: the page behind each problem's `type`, made from the same table, in
//! English and in Urdu.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

use super::{Language, layout};
use crate::Api;
use crate::problem::{Kind, PROBLEMS, Remedy, Translated, URDU, kind};

pub(super) fn show_index(api: &Api, request: &HttpRequest) -> HttpResponse {
    layout::answer(StatusCode::OK, index(api.public.sandbox, Language::asked(request)))
}

pub(super) fn show_one(api: &Api, request: &HttpRequest) -> HttpResponse {
    let (sandbox, language) = (api.public.sandbox, Language::asked(request));
    match kind(request.match_info().get("slug").unwrap_or_default()) {
        Some(kind) => layout::answer(StatusCode::OK, page(kind, sandbox, language)),
        None => layout::answer(StatusCode::NOT_FOUND, no_such_problem(sandbox, language)),
    }
}

/// The list of all problems.
#[must_use]
pub fn index(sandbox: bool, language: Language) -> Markup {
    let title = language.of("Problems", "مسائل");
    let content = html! {
        h1 { (title) }
        p {
            (words(language.of(
                "Each refusal of this hub has one of these types. Its address in an answer's `type` is its \
                 page here.",
                "اس مرکز کا ہر انکار ان میں سے کسی ایک قسم کا ہوتا ہے۔ \
                 جواب کے `type` میں جو پتا ہو، وہی یہاں اس کا صفحہ ہے۔",
            )))
        }
        (unreviewed(language))
        ul.endpoints {
            @for kind in PROBLEMS {
                li {
                    a href={ "/problems/" (kind.slug) "?lang=" (language.tag()) } {
                        (words(&told(kind, language).title))
                    }
                    span { span.status { (kind.status) } " " code dir="ltr" { (kind.slug) } }
                }
            }
        }
    };
    layout::page(title, "/problems", sandbox, language, &content)
}

/// The page of one problem.
#[must_use]
pub fn page(kind: &Kind, sandbox: bool, language: Language) -> Markup {
    let told = told(kind, language);
    let content = html! {
        h1 { (words(&told.title)) }
        p { span.status { (kind.status) } " " code dir="ltr" { (kind.slug) } }
        (unreviewed(language))
        h2 { (language.of("What it means", "اس کا مطلب")) }
        p { (words(&sentence(&told.meaning, language))) }
        h2 { (language.of("What to do", "کیا کریں")) }
        p { (words(&told.advice)) }
        p.quiet { (remedy(kind.remedy, language)) }
    };
    layout::page(
        &told.title.replace('`', ""),
        &format!("/problems/{}", kind.slug),
        sandbox,
        language,
        &content,
    )
}

fn no_such_problem(sandbox: bool, language: Language) -> Markup {
    let title = language.of("No such problem", "ایسا کوئی مسئلہ نہیں");
    let content = html! {
        h1 { (title) }
        p {
            (language.of("There is no problem of that name.", "اس نام کا کوئی مسئلہ نہیں۔"))
            " " a href="/problems" { (language.of("All problems", "تمام مسائل")) }
        }
    };
    layout::page(title, "/problems", sandbox, language, &content)
}

/// The table's words, or their translation. Where there is none the English ones stand, better than nothing.
pub(crate) fn told(kind: &Kind, language: Language) -> Translated {
    let english = || Translated {
        title: kind.title.to_owned(),
        meaning: kind.meaning.to_owned(),
        advice: kind.advice.to_owned(),
    };
    match language {
        Language::English => english(),
        Language::Urdu => URDU.get(kind.slug).cloned().unwrap_or_else(english),
    }
}

pub(crate) fn unreviewed(language: Language) -> Markup {
    html! {
        @if language == Language::Urdu {
            p.quiet { "یہ ترجمہ ابھی کسی ماہر نے نہیں جانچا۔ جہاں فرق ہو وہاں انگریزی متن معتبر ہے۔" }
        }
    }
}

const fn remedy(remedy: Remedy, language: Language) -> &'static str {
    match remedy {
        Remedy::Mend => language.of(
            "The same request will be refused again: mend it first.",
            "یہی درخواست دوبارہ بھی رد ہو گی: پہلے اسے درست کریں۔",
        ),
        Remedy::Retry => language.of(
            "The same request, with the same idempotency key, will succeed later.",
            "یہی درخواست، اسی idempotency key کے ساتھ، بعد میں قبول ہو جائے گی۔",
        ),
        Remedy::Ask => language.of(
            "Repeating the request does not help until a person has looked.",
            "جب تک کوئی شخص نہ دیکھ لے، درخواست دہرانے سے فائدہ نہیں۔",
        ),
    }
}

/// The table marks names with backticks, as answers do; a page shows them as code.
pub(crate) fn words(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code dir="ltr" { (part) } } @else { (part) }
        }
    }
}

/// The table's words begin small and end without a full stop, because they also stand in answers.
pub(crate) fn sentence(words: &str, language: Language) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}{}", letters.as_str(), language.of(".", "۔"))
}
