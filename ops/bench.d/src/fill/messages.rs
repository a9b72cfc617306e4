//! The messages: requests about invented children, each checked against its schema as the hub would, and the
//! few answers there are, checked once. Codes of statistics are those of the schema.

use std::collections::BTreeMap;

use casework::{Categories, Code, Facts, MessageKind, Priority};
use schemas::Schemas;
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::families::Family;
use crate::Failure;

/// In a hundred: how often a sender states one of the statistics that it need not state.
const STATED: u64 = 30;
const PRIORITIES: &[(u64, Priority)] =
    &[(80, Priority::Normal), (15, Priority::Urgent), (5, Priority::Emergency)];
const REASONS: &[&str] =
    &["RSN-ABUSE-PHYS", "RSN-NEGLECT", "RSN-FOUND", "RSN-STREET", "RSN-BEGGING", "RSN-WITNESS"];
const AGES: &[(&str, u64)] = &[("Y0T4", 2), ("Y5T9", 7), ("Y10T14", 12), ("Y15T17", 16)];
const OFFICER: &str = r#","officer":{"name":"Test Officer 9","position":"Duty officer"}"#;

/// A request that its schema accepts.
pub struct Request {
    pub bytes: Vec<u8>,
    pub priority: Priority,
    pub facts: Facts,
    pub categories: Categories,
}

/// An answer that its schema accepts.
pub struct Said {
    pub reason: Option<Code>,
    pub bytes: Vec<u8>,
}

pub struct Messages {
    schemas: Schemas,
    /// Each optional dimension with its codes.
    dimensions: Vec<(String, Vec<String>)>,
    answers: BTreeMap<&'static str, Vec<Said>>,
}

impl Messages {
    pub fn new() -> Result<Self, Failure> {
        let schemas = Schemas::embedded()?;
        let document = schemas.document(MessageKind::Request, 1).ok_or("no schema of a request")?;
        let dimensions = dimensions(document).ok_or("a request without statistics")?;
        let mut answers = BTreeMap::new();
        for (key, kind, reasons, rest) in answers_to_make() {
            let said = reasons.iter().map(|reason| said(&schemas, kind, reason, &rest));
            answers.insert(key, said.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self { schemas, dimensions, answers })
    }

    pub fn request(&self, dice: &mut Dice, family: &Family) -> Result<Request, Failure> {
        let priority = *dice.weighted(PRIORITIES).ok_or("no priority")?;
        let (band, years) = *dice.one(AGES).ok_or("no age")?;
        let sex = *dice.one(&["F", "M"]).ok_or("no sex")?;
        let body = json!({
            "schema": "referral.request/v1",
            "recipients": family.recipients(),
            "priority": priority.as_str(),
            "purpose": family.purpose.as_str(),
            "reasons": [dice.one(REASONS).ok_or("no reason")?],
            "child": { "age": { "years": years, "basis": "EST" }, "sex": sex },
            "consent": family.consent(),
            "referred_by": { "position": "Officer" },
            "statistics": self.statistics(dice, sex, band),
        });
        let bytes = serde_json::to_vec(&body)?;
        let checked = self.schemas.check(Some(MessageKind::Request), &bytes);
        let checked = checked.map_err(|error| format!("a request is not valid: {error:?}"))?;
        Ok(Request { bytes, priority, facts: checked.facts, categories: checked.categories })
    }

    fn statistics(&self, dice: &mut Dice, sex: &str, band: &str) -> Value {
        let mut block = Map::new();
        block.insert("sex".to_owned(), json!({ "value": sex }));
        block.insert("age_band".to_owned(), json!({ "value": band }));
        for (name, codes) in &self.dimensions {
            if dice.in_hundred(STATED)
                && let Some(code) = dice.one(codes)
            {
                block.insert(name.clone(), json!({ "value": code }));
            }
        }
        Value::Object(block)
    }

    pub fn answer(&self, dice: &mut Dice, key: &str) -> Result<&Said, Failure> {
        let found = self.answers.get(key).and_then(|of| dice.one(of));
        found.ok_or_else(|| format!("no answer `{key}`").into())
    }
}

fn dimensions(document: &Value) -> Option<Vec<(String, Vec<String>)>> {
    let block = document.pointer("/properties/statistics/properties")?.as_object()?;
    let optional = block.iter().filter(|(name, _)| !matches!(name.as_str(), "sex" | "age_band"));
    let codes = |value: &Value| {
        let codes = value.pointer("/properties/value/enum")?.as_array()?;
        Some(codes.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    optional.map(|(name, value)| Some((name.clone(), codes(value)?))).collect()
}

/// Key, kind, reasons, and what follows `schema` and reason.
type Making = (&'static str, MessageKind, &'static [&'static str], String);

/// The key of an outcome that failed; all others are called as their action is.
pub const FAIL: &str = "fail";

fn answers_to_make() -> Vec<Making> {
    let none: &[&str] = &[""];
    let plain = String::new;
    vec![
        ("received", MessageKind::Received, none, OFFICER.to_owned()),
        ("accept", MessageKind::Accept, none, OFFICER.to_owned()),
        ("reject", MessageKind::Reject, &["no-capacity", "not-eligible", "duplicate"], plain()),
        (
            "hold",
            MessageKind::Hold,
            &["awaiting-court", "child-not-located"],
            r#","review_on":"2026-12-01""#.into(),
        ),
        ("progress", MessageKind::Progress, &["first-contact", "service-started"], plain()),
        (
            "outcome",
            MessageKind::Outcome,
            &["child-safe", "reunified", "placed"],
            r#","result":"completed""#.into(),
        ),
        (FAIL, MessageKind::Outcome, &["child-lost", "withdrew", "unable"], r#","result":"failed""#.into()),
        ("feedback", MessageKind::Feedback, none, plain()),
        ("close", MessageKind::Close, &["family-solved", "no-service-exists"], plain()),
    ]
}

fn said(schemas: &Schemas, kind: MessageKind, reason: &str, rest: &str) -> Result<Said, Failure> {
    let member = match kind {
        MessageKind::Outcome => "outcome",
        MessageKind::Progress => "step",
        _ => "reason",
    };
    let coded = if reason.is_empty() { String::new() } else { format!(r#","{member}":"{reason}""#) };
    let bytes = format!(r#"{{"schema":"{kind}/v1"{coded}{rest}}}"#).into_bytes();
    schemas.check(Some(kind), &bytes).map_err(|error| format!("a {kind} is not valid: {error:?}"))?;
    let reason = if reason.is_empty() { None } else { Some(reason.parse()?) };
    Ok(Said { reason, bytes })
}
