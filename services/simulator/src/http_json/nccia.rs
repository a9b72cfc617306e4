//! NCCIA's form: a complaint, with the hub's ids as plain members and urgency as `P1` to `P3`. NCCIA gives
//! one number per delivery however often it comes, and tells it when asked.

use actix_web::http::StatusCode;
use serde_json::Value;

use super::{Habits, Ids, Memory};

/// How NCCIA's system behaves.
pub(crate) const NCCIA: Habits =
    Habits { check_form, ids, memory: Memory::ByDelivery, taken: StatusCode::CREATED };

const URGENCIES: &[&str] = &["P1", "P2", "P3"];

fn check_form(form: &Value) -> Option<&'static str> {
    let text = |name: &str| form.pointer(&format!("/complaint/{name}")).and_then(Value::as_str);
    if text("hub_delivery").is_none() || text("hub_referral").is_none() {
        return Some("complaint-ids-missing");
    }
    if text("category").is_none() {
        return Some("category-missing");
    }
    let urgent = text("urgency").is_some_and(|urgency| URGENCIES.contains(&urgency));
    if urgent { None } else { Some("urgency-unknown") }
}

fn ids(form: &Value) -> Ids {
    let text = |name: &str| form.pointer(&format!("/complaint/{name}")).and_then(Value::as_str);
    Ids {
        delivery: text("hub_delivery").and_then(|text| text.parse().ok()),
        referral: text("hub_referral").and_then(|text| text.parse().ok()),
    }
}
