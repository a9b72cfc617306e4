//! The evidence of a referral as a page to be printed: what happened, when, by whom, what proves it, and what
//! nothing proves. Made from a bundle that holds, by whoever checks it; it stands alone, without scripts and
//! without anything to fetch. Everything in it that somebody wrote is escaped by `maud`.

use casework::Timestamp;
use hub::evidence::{Held, HeldCopy, HeldMessage, Leaf};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::Language;
use super::evidence_words::{happened, not_proven, proven, side, who};
use crate::desk::time;

const SHEET: &str = include_str!("style.css");
const PRINT: &str = include_str!("evidence.css");
/// Values of one message that are printed.
const VALUES_MAX: usize = 400;

/// The whole page.
#[must_use]
pub fn evidence_page(held: &Held, language: Language) -> String {
    let title = language.of("Evidence of a referral", "ریفرل کا ثبوت");
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (held.header.referral) }
                style { (PreEscaped(SHEET)) (PreEscaped(PRINT)) }
            }
            body {
                main {
                    h1 { (title) }
                    (super::problems::unreviewed(language))
                    p {
                        strong { (language.of("The evidence holds.", "ثبوت درست ہے۔")) } " "
                        (language.of(
                            "What it proves, and what it does not, stands below.",
                            "یہ کیا ثابت کرتا ہے اور کیا نہیں، نیچے لکھا ہے۔",
                        ))
                    }
                    (facts(held, language))
                    h2 { (language.of("What happened", "کیا ہوا")) }
                    (steps(held, language))
                    h2 { (language.of("What was said", "کیا کہا گیا")) }
                    (said(held, language))
                    h2 { (language.of("What is proven", "کیا ثابت ہے")) }
                    ul { @for fact in proven(held, language) { li { (fact) } } }
                    section.unproven {
                        h2 { (language.of("What is NOT proven", "کیا ثابت نہیں")) }
                        ul { @for fact in not_proven(held, language) { li { (fact) } } }
                    }
                    (check(held, language))
                }
            }
        }
    };
    page.into_string()
}

fn facts(held: &Held, language: Language) -> Markup {
    let header = &held.header;
    let row = |name: &str, value: &str| {
        html! { div { dt { (name) } dd { code dir="ltr" { (value) } } } }
    };
    html! {
        dl.facts {
            (row(language.of("Referral", "ریفرل"), &header.referral))
            (row(language.of("Hub and ledger", "مرکز اور کھاتا"), &header.hub))
            (row(language.of("Made for", "کس کے لیے بنا"), &header.asked_by))
            (row(language.of("Its side", "اس کی حیثیت"), side(header.side, language)))
            (row(language.of("Made at", "کب بنا"), &header.made))
            (row(language.of("That look is entry", "اس نظر کا اندراج"), &header.look.to_string()))
            (row(language.of("Proven in a ledger of so many entries", "کھاتے کے اتنے اندراج تک ثابت"),
                &held.checkpoint.size.to_string()))
        }
    }
}

fn steps(held: &Held, language: Language) -> Markup {
    html! {
        table.steps {
            thead {
                tr {
                    th scope="col" { (language.of("When (Pakistan)", "کب (پاکستان)")) }
                    th scope="col" { (language.of("What", "کیا")) }
                    th scope="col" { (language.of("Who", "کون")) }
                    th scope="col" { (language.of("Shown by", "کس سے ظاہر")) }
                }
            }
            tbody {
                @for (index, leaf) in &held.entries {
                    tr {
                        td { (when(leaf)) }
                        td { (happened(leaf, language)) }
                        td { (who(held, *index, leaf, language)) }
                        td { (shown_by(held, *index, language)) }
                    }
                }
            }
        }
    }
}

fn when(leaf: &Leaf) -> Markup {
    html! { @if let Some(at) = leaf.at() { (time(Timestamp::from_micros(at))) } }
}

fn shown_by(held: &Held, index: u64, language: Language) -> Markup {
    let message = held.messages.iter().find(|message| message.entry == index);
    html! {
        (language.of("entry ", "اندراج ")) span dir="ltr" { (index) }
        @if let Some(message) = message {
            @match &message.signed_by {
                Some(kid) => {
                    ", " (language.of("signed with ", "دستخط: ")) code dir="ltr" { (kid) }
                }
                None if message.is_key_missing => {
                    ", " (language.of("signed, not checked: no key", "دستخط شدہ، جانچا نہیں گیا: کلید نہیں"))
                }
                None => { ", " (language.of("not signed", "بغیر دستخط")) }
            }
        }
    }
}

fn said(held: &Held, language: Language) -> Markup {
    html! {
        @for message in &held.messages { (message_of(message, language)) }
        @for copy in &held.copies { (copy_of(copy, language)) }
        @if held.messages.is_empty() && held.copies.is_empty() {
            p { (language.of("No message is in this file.", "اس فائل میں کوئی پیغام نہیں۔")) }
        }
    }
}

fn message_of(message: &HeldMessage, language: Language) -> Markup {
    html! {
        section.message {
            h3 {
                bdi { (message.agency) } ", " (language.of("as it was sent", "جیسے بھیجا گیا"))
                " (" (language.of("entry ", "اندراج ")) (message.entry) ")"
            }
            (values(message.body.expose()))
        }
    }
}

fn copy_of(copy: &HeldCopy, language: Language) -> Markup {
    html! {
        section.message {
            h3 {
                (language.of("Copy by the hub", "مرکز کی نقل")) ", " code dir="ltr" { (copy.delivery) }
                @if let Some(entry) = copy.entry { " (" (language.of("entry ", "اندراج ")) (entry) ")" }
            }
            (values(copy.body.expose()))
            @if !copy.removed.is_empty() || !copy.changed.is_empty() {
                p.quiet {
                    (language.of("Taken out, or less exact: ", "نکالا گیا یا کم تفصیل سے: "))
                    @for place in copy.removed.iter().chain(&copy.changed) { code dir="ltr" { (place) } " " }
                }
            }
        }
    }
}

/// A message's values by their places; one that is no JSON as it stands.
fn values(body: &[u8]) -> Markup {
    let mut rows = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => flatten(String::new(), &value, &mut rows),
        Err(_) => rows.push((String::new(), String::from_utf8_lossy(body).into_owned())),
    }
    html! {
        dl.values {
            @for (place, value) in rows.iter().take(VALUES_MAX) {
                div { dt { code dir="ltr" { (place) } } dd dir="auto" { (value) } }
            }
        }
        @if rows.len() > VALUES_MAX { p { "… " (rows.len()) } }
    }
}

fn flatten(place: String, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten(format!("{place}/{name}"), value, rows));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| flatten(format!("{place}/{at}"), value, rows));
        }
        Value::String(text) => rows.push((place, text.clone())),
        other => rows.push((place, other.to_string())),
    }
}

fn check(held: &Held, language: Language) -> Markup {
    html! {
        h2 { (language.of("Check it yourself", "خود جانچیے")) }
        p {
            (language.of(
                "This page is a summary. The file it was made from is the evidence; anybody can check that, \
                 without the hub, by either of these. Ask the hub's operator for the key by telephone and \
                 compare it.",
                "یہ صفحہ خلاصہ ہے۔ ثبوت وہ فائل ہے جس سے یہ بنا؛ اسے کوئی بھی مرکز کے بغیر جانچ سکتا ہے۔ \
                 کلید کا موازنہ مرکز کے منتظم سے فون پر کریں۔",
            ))
        }
        pre dir="ltr" {
            "amaan audit verify bundle FILE --ledger-key '" (held.keys.ledger_key) "'\n"
            "ops/verify_bundle.py FILE --ledger-key '" (held.keys.ledger_key) "'"
        }
    }
}
