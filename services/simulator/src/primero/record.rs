//! What CPI's Primero holds: cases, their referrals ("transitions") and services, each changed only by an
//! effect. Replaying the effect log gives the same records, so nothing here is stored by itself. Pure.

use std::collections::BTreeMap;

use casework::ReferralId;
use serde_json::{Map, Value};

use crate::effects::Effect;

/// A case created. Its content is the whole record.
pub(super) const CASE_CREATED: &str = "primero.case";
/// A case changed by something else than a message or an officer.
pub(super) const CASE_UPDATED: &str = "primero.case-update";
/// A referral to a CPI user; called as at every other agency, so that effects are counted alike.
pub(super) const REFERRED: &str = "referral.request";
/// What an officer did; the act's name follows.
pub(super) const OFFICER: &str = "officer.";

/// One case record.
pub(super) struct Case {
    /// All its fields, `id` and `last_updated_at` among them.
    pub fields: Map<String, Value>,
    /// Its referrals, oldest first.
    pub referrals: Vec<Map<String, Value>>,
}

/// All case records by id (a hyphenated UUID).
#[derive(Default)]
pub(super) struct Records {
    cases: BTreeMap<String, Case>,
    by_referral: BTreeMap<ReferralId, String>,
}

impl Records {
    /// The case with this id.
    pub(super) fn case(&self, id: &str) -> Option<&Case> {
        self.cases.get(id)
    }

    /// All cases, the longest unchanged first.
    pub(super) fn by_last_update(&self) -> Vec<&Case> {
        let mut cases: Vec<&Case> = self.cases.values().collect();
        cases.sort_by_key(|case| text(&case.fields, "last_updated_at"));
        cases
    }

    /// The case and the newest Primero referral that came with this hub referral.
    pub(super) fn of_referral(&self, referral: &ReferralId) -> Option<(&Case, &Map<String, Value>)> {
        let case = self.cases.get(self.by_referral.get(referral)?)?;
        let tag = format!("[amaan {referral}]");
        let named =
            |held: &&Map<String, Value>| text(held, "notes").is_some_and(|notes| notes.contains(&tag));
        Some((case, case.referrals.iter().rev().find(named)?))
    }

    /// Changes the records as the effect says. An effect that is about no known case changes nothing.
    pub(super) fn apply(&mut self, effect: &Effect) {
        let (Some(id), Some(seen)) = (&effect.record, effect.seen.as_object()) else { return };
        if effect.kind == CASE_CREATED {
            self.cases.insert(id.clone(), Case { fields: seen.clone(), referrals: Vec::new() });
            return;
        }
        let Some(case) = self.cases.get_mut(id) else { return };
        if effect.kind == REFERRED {
            case.referrals.push(seen.clone());
            if let Some(referral) = effect.referral {
                self.by_referral.insert(referral, id.clone());
            }
        } else {
            apply_change(case, seen);
        }
        let changed_at = seen.get("changed_at").or_else(|| seen.get("created_at")).cloned();
        if let Some(changed_at) = changed_at {
            case.fields.insert("last_updated_at".to_owned(), changed_at);
        }
    }
}

/// Merges a form into fields: items of subforms by their `unique_id`, everything else replaced.
pub(super) fn merge(fields: &mut Map<String, Value>, form: &Map<String, Value>) {
    for (name, value) in form {
        match (fields.get_mut(name), value) {
            (Some(Value::Array(held)), Value::Array(items)) if is_subform(items) => merge_items(held, items),
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
}

fn is_subform(items: &[Value]) -> bool {
    items.iter().all(|item| item.get("unique_id").is_some_and(Value::is_string))
}

fn merge_items(held: &mut Vec<Value>, items: &[Value]) {
    for item in items {
        let same = held.iter_mut().find(|held| held.get("unique_id") == item.get("unique_id"));
        match (same, item) {
            (Some(Value::Object(held)), Value::Object(item)) => merge(held, item),
            _ => held.push(item.clone()),
        }
    }
}

/// A change of a case: `case` is merged into its fields; `transition` goes into the referral with the id
/// `transition_id`.
fn apply_change(case: &mut Case, change: &Map<String, Value>) {
    let id = change.get("transition_id");
    let acted_on = case.referrals.iter_mut().find(|held| held.get("id") == id);
    if let (Some(referral), Some(Value::Object(change))) = (acted_on, change.get("transition")) {
        referral.extend(change.clone());
    }
    if let Some(Value::Object(form)) = change.get("case") {
        merge(&mut case.fields, form);
    }
}

/// A text field.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}
