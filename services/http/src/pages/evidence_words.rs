//! The words of the page of evidence, in English and in Urdu: what an entry says, who acted, what is proven
//! and what is not.

use hub::evidence::{Held, HeldMessage, Leaf, Side};
use maud::{Markup, html};

use super::Language;

pub(super) const fn side(side: Side, language: Language) -> &'static str {
    match side {
        Side::Sender => language.of("sender", "بھیجنے والا"),
        Side::Receiver => language.of("receiver", "وصول کرنے والا"),
    }
}

/// What an entry says.
pub(super) fn happened(leaf: &Leaf, language: Language) -> Markup {
    let word = match leaf.kind() {
        "request.submitted" => language.of("The hub took the request", "مرکز نے درخواست لے لی"),
        "referral.requested" => language.of("The referral came into being", "ریفرل وجود میں آیا"),
        "referral.drafted" => language.of("The referral was drafted", "ریفرل کا مسودہ بنا"),
        "referral.moved" => language.of("A step was taken", "ایک قدم اٹھایا گیا"),
        "delivery.moved" => language.of("A delivery took a step", "ترسیل آگے بڑھی"),
        _ => language.of("A clock was overdue", "مقررہ وقت گزر گیا"),
    };
    let codes = ["step", "status", "service", "priority", "clock", "reason", "owner"];
    // A state that is called like the step says nothing more.
    let new = |name: &str| name != "status" || leaf.event(name) != leaf.event("step");
    html! {
        (word)
        @for name in codes.into_iter().filter(|name| new(name)) {
            @if let Some(code) = leaf.event(name) {
                " · " bdi dir="ltr" { span.quiet { (name) } " " code { (code) } }
            }
        }
        @if let Some(attempt) = leaf.number("attempt") {
            " · " (language.of("attempt ", "کوشش ")) (attempt)
        }
    }
}

/// Whose act it is, as far as the bundle says.
pub(super) fn who(held: &Held, index: u64, leaf: &Leaf, language: Language) -> Markup {
    let message = held.messages.iter().find(|message| message.entry == index);
    let copied = held.copies.iter().any(|copy| copy.entry == Some(index));
    html! {
        @if let Some(message) = message {
            bdi { (message.agency) }
        } @else if let Some(from) = leaf.event("from") {
            bdi dir="ltr" { (from) @if let Some(to) = leaf.event("to") { " → " (to) } }
        } @else if copied {
            bdi { (other_side(held).unwrap_or(language.of("the other side", "دوسرا فریق"))) }
        } @else if leaf.kind() == "referral.moved" {
            (language.of("not said", "نہیں بتایا گیا"))
        } @else {
            (language.of("the hub", "مرکز"))
        }
    }
}

/// The agency that did not ask.
fn other_side(held: &Held) -> Option<&str> {
    let (_, made) = held.entries.iter().find(|(_, leaf)| leaf.event("delivery").is_some())?;
    [made.event("from")?, made.event("to")?].into_iter().find(|agency| *agency != held.header.asked_by)
}

/// What is proven; in English it is what the program prints.
pub(super) fn proven(held: &Held, language: Language) -> Vec<String> {
    if language == Language::English {
        return held.proven().iter().map(|fact| sentence(fact)).collect();
    }
    let (entries, size, hub) = (held.entries.len(), held.checkpoint.size, &held.header.hub);
    let mut all = vec![format!(
        "یہ {entries} اندراج {hub} کے کھاتے میں اپنی جگہ موجود ہیں (کل {size})، \
         اور کھاتے کی کلید نے اس پر دستخط کیے۔"
    )];
    all.extend(held.witnesses.iter().map(|witness| format!("گواہ {} نے یہی کھاتا دیکھا۔", witness.name)));
    all.extend(held.messages.iter().map(message_in_urdu));
    all.extend(held.copies.iter().map(|copy| format!("مرکز نے نقل {} پر دستخط کیے۔", copy.delivery)));
    let (by, look) = (&held.header.asked_by, held.header.look);
    all.push(format!("مرکز نے یہ فائل {by} کو اندراج {look} کے بعد دی، اور اس میں کچھ بدلا نہیں گیا۔"));
    all
}

fn message_in_urdu(message: &HeldMessage) -> String {
    let (agency, entry) = (&message.agency, message.entry);
    let signed = match &message.signed_by {
        Some(kid) => format!("اور {agency} نے کلید {kid} سے اس پر دستخط کیے۔"),
        None => "اس پر جانچے ہوئے دستخط نہیں (کم درجے کا یقین)۔".to_owned(),
    };
    format!("اندراج {entry} عین اسی پیغام کے لیے ہے جو {agency} نے بھیجا؛ {signed}")
}

/// What is not.
pub(super) fn not_proven(held: &Held, language: Language) -> Vec<String> {
    if language == Language::English {
        return held.not_proven().iter().map(|fact| sentence(fact)).collect();
    }
    let mut all = Vec::new();
    let mut unless = |known: bool, text: &str| {
        if !known {
            all.push(text.to_owned());
        }
    };
    unless(
        held.is_ledger_key_given,
        "کہ کھاتے کی کلید اصلی ہے: یہ اسی فائل سے لی گئی، کہیں اور سے نہیں جانچی گئی۔",
    );
    unless(
        held.is_hub_key_given,
        "کہ مرکز کی کلید اصلی ہے: یہ اسی فائل سے لی گئی، کہیں اور سے نہیں جانچی گئی۔",
    );
    unless(
        held.signed() == 0 || held.are_agency_keys_given,
        "کہ اداروں کی کلیدیں اصلی ہیں: یہ اسی فائل سے لی گئیں، کہیں اور سے نہیں جانچی گئیں۔",
    );
    unless(!held.witnesses.is_empty(), "کہ مرکز سب کو ایک ہی کھاتا دکھاتا ہے: کسی گواہ نے تصدیق نہیں کی۔");
    unless(held.unkeyed() == 0, "کچھ دستخط: ان کی کلیدیں نہ اس فائل میں ہیں نہ دی گئیں۔");
    unless(held.header.whole, "کہ کچھ رہ نہیں گیا: مرکز کہتا ہے کہ حجم کے باعث کچھ چھوڑ دیا گیا۔");
    unless(
        false,
        "کہ اور کچھ نہیں ہوا: \
         دکھائے گئے قدموں کے بیچ کوئی غائب نہیں، مگر بعد کے قدم، ترسیلیں اور پیغامات ہو سکتے ہیں۔",
    );
    unless(false, "کہ پیغامات کی بات سچ ہے؛ وقت مرکز کی گھڑی کا ہے۔");
    all
}

/// The program's lines begin small and end without a full stop.
fn sentence(fact: &str) -> String {
    super::problems::sentence(fact, Language::English)
}
