//! `/desk/approvals`: the acts of the agency that wait for a second person, and one of them word for word.
//! They hold ids and codes, nothing of a child.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use casework::{ApprovalId, ApprovalStatus, Assurance, Change, Code, Pseudonym, ReferralId};
use hub::ApprovalView;
use maud::{Markup, html};

use super::home::{fact, nothing};
use super::refused::Stop;
use super::{DeskRoute, Needs, Visit, form};
use crate::pages::{Language, problems};
use crate::routes::Verb;

pub(crate) const LIST: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/approvals",
    needs: Needs::Session,
    show: |visit| Box::pin(list(visit)),
};

pub(crate) const ONE: DeskRoute = DeskRoute {
    method: Verb::Get,
    path: "/desk/approvals/{id}",
    needs: Needs::Session,
    show: |visit| Box::pin(one(visit)),
};

/// May whoever looks at it decide it?
pub(crate) fn is_for(approval: &ApprovalView) -> bool {
    approval.actions.contains(&"approve")
}

async fn list(visit: Visit) -> Result<HttpResponse, Stop> {
    let caller = &visit.session()?.1.caller;
    let open = visit.hub().list_approvals(caller, Some(ApprovalStatus::Open)).await?;
    let (mine, others): (Vec<_>, Vec<_>) = open.iter().partition(|approval| is_for(approval));
    let language = visit.language();
    let title = language.of("Acts that take two people", "وہ کام جن کے لیے دو افراد چاہییں");
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        h2 { (language.of("They wait for you", "یہ آپ کے منتظر ہیں")) }
        (lines(&visit, &mine))
        h2 { (language.of("They wait for somebody else", "یہ کسی اور کے منتظر ہیں")) }
        (lines(&visit, &others))
        p { a href=(visit.place("/desk").text()) { (language.of("Your desk", "آپ کا ڈیسک")) } }
    };
    Ok(visit.page(StatusCode::OK, title, &visit.place("/desk/approvals"), &content))
}

fn lines(visit: &Visit, approvals: &[&ApprovalView]) -> Markup {
    let language = visit.language();
    html! {
        @if approvals.is_empty() { p { (nothing(language)) } }
        ul.endpoints {
            @for approval in approvals {
                li {
                    a href=(visit.place(&format!("/desk/approvals/{}", approval.id)).text()) {
                        (act(&approval.change, language))
                    }
                    @if let Some(referral) = approval.change.referral() {
                        span { code dir="ltr" { (referral) } }
                    }
                    span.quiet { (language.of("until ", "تک ")) span dir="ltr" { (approval.expires) } }
                }
            }
        }
    }
}

async fn one(visit: Visit) -> Result<HttpResponse, Stop> {
    let held = &visit.session()?.1;
    let id: ApprovalId = visit.segment("id").parse().map_err(|_| Stop::problem("not-found"))?;
    let approval = visit.hub().show_approval(&held.caller, id).await?;
    let language = visit.language();
    let title = act(&approval.change, language);
    let assurance = match approval.change.referral() {
        Some(referral) => visit.hub().assurance_of(&held.caller, referral).await.ok(),
        None => None,
    };
    let content = html! {
        h1 { (title) }
        (problems::unreviewed(language))
        (facts(&approval, assurance, language))
        (choices(&visit, &approval)?)
        p { a href=(visit.place("/desk/approvals").text()) { (language.of("All of them", "تمام")) } }
    };
    let here = visit.place(&format!("/desk/approvals/{id}"));
    Ok(visit.page(StatusCode::OK, title, &here, &content))
}

fn facts(approval: &ApprovalView, assurance: Option<Assurance>, language: Language) -> Markup {
    let code = |text: &dyn std::fmt::Display| html! { code dir="ltr" { (text.to_string()) } };
    html! {
        dl.facts {
            @for (name, value) in about(&approval.change, language) { (fact(name, &code(&value))) }
            @if let Some(assurance) = assurance {
                (fact(
                    language.of("Who sent the referral", "ریفرل کس نے بھیجا"),
                    &surely(assurance, language)
                ))
            }
            (fact(language.of("Asked for by", "کس نے کہا"), &code(&approval.asked_by)))
            (fact(language.of("The second person has to be", "دوسرا فرد ہونا چاہیے"), &code(&approval.needs)))
            (fact(language.of("How it stands", "کیفیت"), &code(&approval.status.as_str())))
            (fact(language.of("Can be decided until", "فیصلے کی آخری حد"), &code(&approval.expires)))
            @if let Some(by) = approval.decided_by {
                (fact(language.of("Decided by", "فیصلہ کس نے کیا"), &code(&by)))
            }
        }
    }
}

/// How sure it is who sent it.
fn surely(assurance: Assurance, language: Language) -> Markup {
    let words = match assurance {
        Assurance::Signed => language.of("its agency signed it", "ادارے کے دستخط موجود ہیں"),
        Assurance::Unsigned => language.of(
            "nobody signed it: lower assurance, by the connection alone",
            "دستخط نہیں: کم درجے کا یقین، صرف رابطے کی بنا پر",
        ),
    };
    html! { (words) }
}

/// What exactly would be done: codes and ids, each with its name.
fn about(change: &Change, language: Language) -> Vec<(&'static str, String)> {
    let referral = |id: &ReferralId| (language.of("Referral", "ریفرل"), id.to_string());
    let reason = |code: &Code| (language.of("Reason", "وجہ"), code.to_string());
    let person = |id: &Pseudonym| (language.of("Person", "فرد"), id.to_string());
    match change {
        Change::VoidReferral { referral: id, reason: code, .. } => vec![referral(id), reason(code)],
        Change::DiscardDeadLetter { referral: id, delivery, reason: code } => {
            vec![referral(id), (language.of("Delivery", "ترسیل"), delivery.to_string()), reason(code)]
        }
        Change::RenewBreakGlass { case, person: id } => {
            vec![(language.of("Case", "کیس"), case.to_string()), person(id)]
        }
        Change::LiftSuspension { person: id } => vec![person(id)],
        Change::PolicyChange { set, before, replay } => vec![
            (language.of("New set of policies", "پالیسیوں کا نیا مجموعہ"), set.to_string()),
            (language.of("In place of", "جس کی جگہ"), before.to_string()),
            (
                language.of("Past decisions asked again", "دوبارہ پوچھے گئے فیصلے"),
                replay.decisions.to_string(),
            ),
            (language.of("Newly permitted", "نئی اجازتیں"), replay.newly_permitted.to_string()),
            (language.of("Newly denied", "نئے انکار"), replay.newly_denied.to_string()),
            (language.of("No longer decidable", "اب ناقابلِ فیصلہ"), replay.newly_failed.to_string()),
            (
                language.of("Could not be asked again", "دوبارہ نہیں پوچھے جا سکے"),
                replay.not_asked.to_string(),
            ),
        ],
        Change::EraseCase { case, basis: code } | Change::HoldCase { case, reason: code } => {
            vec![(language.of("Case", "کیس"), case.to_string()), reason(code)]
        }
        Change::LiftHold { case } => vec![(language.of("Case", "کیس"), case.to_string())],
        Change::TurnNoteKey { key, before, until, .. } => vec![
            (language.of("New key", "نئی کنجی"), key.clone()),
            (language.of("In place of", "جس کی جگہ"), before.clone()),
            (language.of("Both sign until", "دونوں کے دستخط کب تک"), until.to_string()),
        ],
        Change::ReopenDisclosure { reason: code, since } => {
            vec![reason(code), (language.of("Suspect since", "شک کب سے ہے"), since.to_string())]
        }
    }
}

/// Buttons, or the way to them: what cannot be taken back needs a person who was asked a moment ago.
fn choices(visit: &Visit, approval: &ApprovalView) -> Result<Markup, Stop> {
    let (secret, held) = visit.session()?;
    let language = visit.language();
    let here = visit.place(&format!("/desk/approvals/{}", approval.id));
    if !approval.actions.is_empty() && !held.is_fresh(visit.desk().now()) {
        return Ok(html! {
            p {
                (language.of("To decide it, confirm first that it is you.",
                    "فیصلے سے پہلے تصدیق کریں کہ یہ آپ ہی ہیں۔"))
            }
            p {
                a.button href={ "/desk/confirm?return_to=" (here.encoded()) } {
                    (language.of("Confirm that it is you", "تصدیق کریں کہ یہ آپ ہی ہیں"))
                }
            }
        });
    }
    let address = |action: &str| visit.place(&format!("/desk/approvals/{}/{action}", approval.id)).text();
    Ok(html! {
        @for action in &approval.actions {
            form.choice method="post" action=(address(action)) {
                input type="hidden" name=(form::TOKEN) value=(form::token(secret));
                input type="hidden" name="return_to" value=(here.text());
                button type="submit" { (button(action, language)) }
            }
        }
        @if approval.actions.is_empty() {
            p { (language.of("There is nothing you can do here now.", "ابھی آپ یہاں کچھ نہیں کر سکتے۔")) }
        }
    })
}

const fn act(change: &Change, language: Language) -> &'static str {
    match change {
        Change::VoidReferral { .. } => {
            language.of("A referral that never should have been", "ایک ریفرل جو ہونا ہی نہیں چاہیے تھا")
        }
        Change::DiscardDeadLetter { .. } => {
            language.of("A message that will never be sent", "ایک پیغام جو کبھی نہیں بھیجا جائے گا")
        }
        Change::RenewBreakGlass { .. } => {
            language.of("Another hour for a look in an emergency", "ہنگامی نظر کے لیے مزید ایک گھنٹہ")
        }
        Change::LiftSuspension { .. } => {
            language.of("The right to look in an emergency, given back", "ہنگامی نظر کا حق واپس دینا")
        }
        Change::PolicyChange { .. } => {
            language.of("Another set of policies comes into force", "پالیسیوں کا نیا مجموعہ نافذ ہو گا")
        }
        Change::EraseCase { .. } => {
            language.of("A case is erased for good", "ایک کیس ہمیشہ کے لیے مٹا دیا جائے گا")
        }
        Change::HoldCase { .. } => language.of("A case must be kept", "ایک کیس محفوظ رکھنا لازم ہو گا"),
        Change::LiftHold { .. } => {
            language.of("A case need not be kept any more", "کیس محفوظ رکھنا اب لازم نہیں رہے گا")
        }
        Change::TurnNoteKey { .. } => {
            language.of("Another key signs the ledger", "اندراجات پر دوسری کنجی سے دستخط ہوں گے")
        }
        Change::ReopenDisclosure { .. } => language.of(
            "The ledger was suspect, and messages are shown again",
            "اندراجات پر شک تھا، پیغامات پھر دکھائے جائیں گے",
        ),
    }
}

fn button(action: &str, language: Language) -> &'static str {
    match action {
        "approve" => language.of("Approve: it happens now", "منظور کریں: یہ ابھی ہو جائے گا"),
        "refuse" => language.of("Refuse: it does not happen", "رد کریں: یہ نہیں ہو گا"),
        _ => language.of("Take back what I asked for", "اپنی درخواست واپس لیں"),
    }
}
