//! LAJA's form: an application for legal aid. Its system neither dedupes nor can be asked: every call is one
//! more application, whatever headers it carries. That is the point of having it here.

use actix_web::http::StatusCode;
use serde_json::Value;

use super::{Habits, Ids, Memory};

/// How LAJA's system behaves.
pub(crate) const LAJA: Habits = Habits { check_form, ids, memory: Memory::None, taken: StatusCode::ACCEPTED };

const PRIORITIES: &[&str] = &["immediate", "soon", "routine"];

fn check_form(form: &Value) -> Option<&'static str> {
    let text = |name: &str| form.pointer(&format!("/application/{name}")).and_then(Value::as_str);
    if text("delivery_no").is_none() || text("referral_no").is_none() {
        return Some("application-numbers-missing");
    }
    if text("matter").is_none() {
        return Some("matter-missing");
    }
    let known = text("priority").is_some_and(|priority| PRIORITIES.contains(&priority));
    if known { None } else { Some("priority-unknown") }
}

fn ids(form: &Value) -> Ids {
    let text = |name: &str| form.pointer(&format!("/application/{name}")).and_then(Value::as_str);
    Ids {
        delivery: text("delivery_no").and_then(|text| text.parse().ok()),
        referral: text("referral_no").and_then(|text| text.parse().ok()),
    }
}
