//! `/desk/retention`: cases of the agency whose time by the schedule is over, for its privacy officers and
//! supervisors. They choose which ones are to be erased; a second person decides each of them. References,
//! codes and times only.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use casework::{AgencyCode, Caller, CaseId, Code, TimeSource};
use hub::{DueStatus, DueView, Key};
use maud::{Markup, html};

use super::refused::{Stop, see_other};
use super::{DeskRoute, Needs, Visit, form};
use crate::pages::{Language, problems};
use crate::routes::Verb;

/// Cases of a page, and of one form.
const PAGE: u32 = 20;
/// The ground that the schedule gives.
const GROUND: &str = "retention-over";
/// Who may ask for an erasure, as the policies have it; others are not led here.
const ROLES: &[&str] = &["privacy-officer", "supervisor"];

pub(crate) const LIST: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/retention",
    needs: Needs::Session,
    show: |visit| Box::pin(list(visit)),
};

pub(crate) const ASK: DeskRoute = DeskRoute {
    method: Verb::Post,
    path: "/desk/retention/ask",
    needs: Needs::Fresh,
    show: |visit| Box::pin(ask(visit)),
};

/// Is there something for this person here?
pub(crate) fn is_for(caller: &Caller) -> bool {
    ROLES.iter().any(|role| caller.has_role(role))
}

async fn list(visit: Visit) -> Result<HttpResponse, Stop> {
    let held = &visit.session()?.1;
    let after = visit.query("cursor");
    let (cases, next) = visit.hub().list_due(&held.caller, after.as_deref(), PAGE).await?;
    let language = visit.language();
    let title = language.of("Cases whose time is over", "وہ کیس جن کی مدت پوری ہو چکی");
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        p { (about(language)) }
        @if cases.is_empty() {
            p {
                (language.of("There is none. Nothing has to be done here.",
                    "کوئی نہیں۔ یہاں کچھ کرنا ضروری نہیں۔"))
            }
        } @else {
            (chosen(&visit, &cases)?)
        }
        @if let Some(next) = next {
            p { a href=(further(&visit, &next)) { (language.of("Further cases", "مزید کیس")) } }
        }
        p { a href=(visit.place("/desk").text()) { (language.of("Your desk", "آپ کا ڈیسک")) } }
    };
    Ok(visit.page(StatusCode::OK, title, &visit.place("/desk/retention"), &content))
}

const fn about(language: Language) -> &'static str {
    language.of(
        "By the retention schedule (proposed, not law) these need not be kept any longer. Nothing is erased \
         by itself: you ask, and another person of your agency decides each case. What an agency holds is \
         kept.",
        "مدت کے شیڈول کے مطابق (تجویز، قانون نہیں) انھیں مزید رکھنا ضروری نہیں۔ خود بخود کچھ نہیں مٹتا: \
         آپ درخواست کرتے ہیں، اور ہر کیس کا فیصلہ آپ کے ادارے کا دوسرا فرد کرتا ہے۔ جسے کسی ادارے نے \
         روک رکھا ہو وہ محفوظ رہتا ہے۔",
    )
}

fn further(visit: &Visit, next: &str) -> String {
    let here = visit.place("/desk/retention").text();
    let joint = if here.contains('?') { '&' } else { '?' };
    format!("{here}{joint}cursor={next}")
}

/// The cases, in one form where something can be asked. What cannot be taken back needs a person who was
/// asked a moment ago.
fn chosen(visit: &Visit, cases: &[DueView]) -> Result<Markup, Stop> {
    let (secret, held) = visit.session()?;
    let language = visit.language();
    let here = visit.place("/desk/retention");
    if !cases.iter().any(can_ask) {
        return Ok(lines(visit, cases, Choice::No));
    }
    if !held.is_fresh(visit.desk().now()) {
        return Ok(html! {
            (lines(visit, cases, Choice::No))
            p { (language.of("To ask for an erasure, confirm first that it is you.",
                "مٹانے کی درخواست سے پہلے تصدیق کریں کہ یہ آپ ہی ہیں۔")) }
            p {
                a.button href={ "/desk/confirm?return_to=" (here.encoded()) } {
                    (language.of("Confirm that it is you", "تصدیق کریں کہ یہ آپ ہی ہیں"))
                }
            }
        });
    }
    Ok(html! {
        form method="post" action=(visit.place("/desk/retention/ask").text()) {
            input type="hidden" name=(form::TOKEN) value=(form::token(secret));
            input type="hidden" name="return_to" value=(here.text());
            // A form that is sent twice is one asking; the page shown anew is another.
            input type="hidden" name="once" value=(visit.hub().store.now().micros());
            (lines(visit, cases, Choice::Yes))
            button type="submit" {
                (language.of("Ask that the chosen cases are erased", "منتخب کیس مٹانے کی درخواست کریں"))
            }
        }
    })
}

fn can_ask(case: &DueView) -> bool {
    case.status == DueStatus::Due
}

/// May cases be chosen?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Yes,
    No,
}

fn lines(visit: &Visit, cases: &[DueView], choice: Choice) -> Markup {
    let language = visit.language();
    html! {
        ul.endpoints {
            @for due in cases {
                @let reference = html! { code dir="ltr" { (due.case.reference) } };
                li {
                    @if choice == Choice::Yes && can_ask(due) {
                        label { input type="checkbox" name="case" value=(due.case.id); " " (reference) }
                    } @else { (reference) }
                    span { bdi { (language.of(&due.label, &due.label_ur)) } }
                    span { (state(visit, due, language)) }
                    span.quiet {
                        (language.of("since ", "اس وقت سے: ")) time dir="ltr" { (due.due_since) }
                    }
                }
            }
        }
    }
}

fn state(visit: &Visit, due: &DueView, language: Language) -> Markup {
    match (due.status, due.approval) {
        (DueStatus::Held, _) => html! {
            (language.of("must be kept; held by ", "محفوظ رکھنا لازم ہے؛ روکنے والا: "))
            (agencies(&due.holds))
        },
        (DueStatus::Asked, Some(approval)) => html! {
            a href=(visit.place(&format!("/desk/approvals/{approval}")).text()) {
                (language.of("asked for; waits for a second person",
                    "درخواست ہو چکی؛ دوسرے فرد کا انتظار ہے"))
            }
        },
        (DueStatus::ErasureOrdered, _) => html! {
            (language.of("its erasure is ordered", "مٹانے کا حکم ہو چکا"))
        },
        (DueStatus::Due | DueStatus::Asked, _) => html! {
            (language.of("may be erased", "مٹایا جا سکتا ہے"))
        },
    }
}

fn agencies(codes: &[AgencyCode]) -> Markup {
    html! { @for (at, code) in codes.iter().enumerate() { @if at > 0 { ", " } code dir="ltr" { (code) } } }
}

/// Each case is an asking and an entry of its own. One that is refused is shown as it stands now.
async fn ask(visit: Visit) -> Result<HttpResponse, Stop> {
    let caller = &visit.session()?.1.caller;
    let once = visit.form.field("once").unwrap_or_default();
    let chosen: Vec<&str> = visit.form.all("case").collect();
    if chosen.is_empty() || chosen.len() > usize::try_from(PAGE).unwrap_or(usize::MAX) {
        return Ok(see_other(&visit.place("/desk/retention").text()));
    }
    let ground: Code = GROUND.parse().map_err(|_| Stop::problem("internal"))?;
    for case in chosen {
        let case: CaseId = case.parse().map_err(|_| Stop::problem("not-found"))?;
        let key = Key::new(&format!("retention-{once}-{case}")).ok_or(Stop::NotDone("form-malformed"))?;
        if let Err(error) = visit.hub().ask_erasure(caller, case, ground.clone(), &key).await {
            match error.slug() {
                "case-held" | "case-open" | "erased" | "retention-not-over" | "not-case-owner" => {
                    tracing::info!(%case, problem = error.slug(), "an erasure was not asked for");
                }
                _ => return Err(error.into()),
            }
        }
    }
    Ok(see_other(&visit.place("/desk/retention").text()))
}
