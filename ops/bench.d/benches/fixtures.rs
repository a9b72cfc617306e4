//! What the parts work on: one referral of about 1.5 KB about an invented child, addressed to three agencies,
//! and the schemas, policies and adapters that the program carries.

use std::sync::LazyLock;

use ::seal::RootKey;
use adapters::Registry;
use casework::{AgencyCode, Code, MessageKind, Priority};
use policies::{Disclosure, Moment, Policies};
use schemas::{Checked, Reading, Schemas};
use serde_json::Value;

/// Whom the referral is addressed to.
pub const RECIPIENTS: [&str; 3] = ["nccia", "laja", "cpi"];
/// The ledger that is written to.
pub const HUB: &str = "hub.example/ledger";

pub static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::embedded().unwrap());
/// A day on which every agreement binds.
pub static AT: LazyLock<Moment> =
    LazyLock::new(|| Moment::of(casework::Timestamp::from_micros(1_780_000_000_000_000)));
pub static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::embedded().unwrap());
pub static ADAPTERS: LazyLock<Registry> = LazyLock::new(|| Registry::embedded().unwrap());

/// The referral as its sender writes it, without a space too many.
pub static BODY: LazyLock<Vec<u8>> = LazyLock::new(|| serde_json::to_vec(&body()).unwrap());
/// The same with three mistakes: a code that no list has, a member that no schema has, one left out.
pub static INVALID: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut body = body();
    body["priority"] = "soon".into();
    body["child"]["shoe_size"] = 31.into();
    body.as_object_mut().unwrap().shift_remove("statistics");
    serde_json::to_vec(&body).unwrap()
});

fn body() -> Value {
    serde_json::from_str(include_str!("referral.json")).unwrap()
}

pub fn checked() -> Checked {
    SCHEMAS.check(Some(MessageKind::Request), &BODY).unwrap()
}

pub fn agency(code: &str) -> AgencyCode {
    code.parse().unwrap()
}

pub fn code(code: &str) -> Code {
    code.parse().unwrap()
}

/// The service that a recipient is asked for.
pub fn service(recipient: &str) -> Code {
    code(match recipient {
        "nccia" => "SVC-CYBER",
        "laja" => "SVC-LEGAL",
        _ => "SVC-SHELTER",
    })
}

/// What a recipient's mask depends on.
pub fn disclosure(recipient: &str) -> Disclosure {
    Disclosure {
        recipient: agency(recipient),
        sender: agency("ictp"),
        message: MessageKind::Request,
        version: 1,
        service: Some(service(recipient)),
        purpose: code("protection"),
        basis: code("best-interests"),
        urgency: Priority::Emergency,
    }
}

/// The day, and the words that stand for values: their key is derived anew each time, as the hub does it.
pub fn reading() -> Reading<'static> {
    static ROOT: LazyLock<RootKey> = LazyLock::new(RootKey::generate);
    let on = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    Reading { on, word: &|kind, value| ROOT.word_key("nccia").word(kind, value) }
}

/// An id of any kind that nobody has drawn before.
pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    format!("{prefix}_{}", hex::encode(::seal::random::<16>())).parse().unwrap()
}
