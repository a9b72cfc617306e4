//! The types of events, each with the schema of its data and an example, for `/asyncapi.json` and for whoever
//! chooses some of them. A new type is a row here and an arm in `told.rs`; a test holds what is told to what
//! is described.
//!
//! Words (steps, states, reasons) are described by their form, not by a list: new ones come, and a listener
//! goes on when it meets one.

use serde_json::{Map, Value, json};

use super::told::{DELIVERY, MOVED, NOTICE, OVERDUE, REQUESTED, TEST};

/// A type of event.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// Its name.
    pub name: &'static str,
    /// For a reader.
    pub about: &'static str,
    data: fn() -> Value,
    example: fn() -> Value,
}

/// Those that a listener may choose.
pub const EVENT_TYPES: &[EventType] = &[
    EventType {
        name: REQUESTED,
        about: "A referral came into being.",
        data: || data(&["status", "owner", "version", "delivery"], &[]),
        example: || example_of_step("referral.request", "requested", 1),
    },
    EventType {
        name: MOVED,
        about: "A referral took a step: one of its parties sent a message.",
        data: || data(&["status", "version"], &["owner", "delivery"]),
        example: || example_of_step("referral.accept", "accepted", 2),
    },
    EventType {
        name: OVERDUE,
        about: "A clock is overdue, of a referral or of a message that waits for a person: somebody was \
                told.",
        data: || data(&["clock"], &["delivery"]),
        example: example_of_overdue,
    },
    EventType {
        name: DELIVERY,
        about: "A message on its way took a step: sent, delivered, refused, failed.",
        data: || data(&["delivery"], &[]),
        example: example_of_delivery,
    },
    EventType {
        name: NOTICE,
        about: "Somebody looked into a case that your agency answers for, its time is over, or one was \
                erased that your agency was shown something of: its id is the subject.",
        data: looked,
        example: || {
            json!({
                "notice": "break-glass-opened", "whom": "cpi", "role": "privacy-officer", "by": "ictp",
                "by_role": "supervisor",
                "about": "cs_0190a2b4c6d84e10823446688aaccee3.ps_0190a2b4c6d84e10823446688aaccee4",
            })
        },
    },
];

/// What a trial of a webhook sends; nobody can choose it.
pub const TRIAL: EventType = EventType {
    name: TEST,
    about: "Somebody tries a webhook: no entry stands behind it.",
    data: || object(&[("webhook", json!({ "type": "string" }))], &[]),
    example: || json!({ "webhook": "cpi-primero" }),
};

impl EventType {
    /// The schema of the whole event: JSON Schema of draft 7, as AsyncAPI has it.
    #[must_use]
    pub fn schema(&self) -> Value {
        let text = || json!({ "type": "string", "minLength": 1 });
        object(
            &[
                ("specversion", json!({ "const": "1.0" })),
                ("type", json!({ "const": self.name })),
                ("source", json!({ "type": "string", "pattern": "^urn:amaan:" })),
                ("subject", text()),
                ("id", text()),
                ("time", json!({ "type": "string", "format": "date-time" })),
                ("datacontenttype", json!({ "const": "application/json" })),
                ("data", (self.data)()),
            ],
            &[],
        )
    }

    /// An event of this type.
    #[must_use]
    pub fn example(&self) -> Value {
        let data = (self.example)();
        let subject = match self.name {
            TEST => "cpi-primero",
            NOTICE => CASE,
            _ => REFERRAL,
        };
        json!({
            "specversion": "1.0",
            "type": self.name,
            "source": "urn:amaan:amaan.example.org",
            "subject": subject,
            "id": "amaan.example.org/1234",
            "time": "2026-11-22T09:30:00+05:00",
            "datacontenttype": "application/json",
            "data": data,
        })
    }
}

const REFERRAL: &str = "rf_0190a2b4c6d87e10823446688aaccee0";
const CASE: &str = "cs_0190a2b4c6d84e10823446688aaccee3";
const REQUEST: &str = "rq_0190a2b4c6d87e10823446688aaccee1";
const WAY: &str = "dl_0190a2b4c6d87e10823446688aaccee2";

/// What data of referrals have in common, and further members.
fn data(needed: &[&'static str], optional: &[&'static str]) -> Value {
    let common = [
        ("request", id("rq", "The request the referral belongs to.")),
        ("from", word("Who sent the referral.")),
        ("to", word("Who received it.")),
        ("step", word("The message's name, or what the delivery did.")),
    ];
    let needed: Vec<_> = common.into_iter().chain(needed.iter().map(|name| (*name, member(name)))).collect();
    let optional: Vec<_> = optional.iter().map(|name| (*name, member(name))).collect();
    object(&needed, &optional)
}

fn member(name: &str) -> Value {
    match name {
        "status" => word("The referral's state after it."),
        "owner" => word("Who is responsible after it; absent once it is closed."),
        "version" => {
            json!({ "type": "integer", "minimum": 1, "description": "The referral's ETag after it." })
        }
        "clock" => late(),
        _ => way(),
    }
}

/// A check, a look, a case, or a row of a schedule.
const ABOUT: &str =
    "^(ic_[0-9a-f]{32}|cs_[0-9a-f]{32}(\\.ps_[0-9a-f]{32})?|[A-Za-z0-9._-]{1,40}@[0-9a-f]{16})$";

fn looked() -> Value {
    let about = json!({
        "type": "string",
        "pattern": ABOUT,
        "description": "The identity check, the look or the erased case, by its id; where a case's time is \
                        over, the row of the retention schedule and the schedule's digest.",
    });
    let needed = [
        ("notice", word("Of what: `identity-checked`, `break-glass-opened` and so on.")),
        ("whom", word("Whose people are told.")),
        ("role", word("Which of them.")),
        ("by", word("Which agency looked.")),
        ("by_role", word("In what role.")),
        ("about", about),
    ];
    object(&needed, &[])
}

fn late() -> Value {
    let needed = [
        ("name", word("Which clock.")),
        ("rung", json!({ "type": "integer", "minimum": 1, "description": "How far up its ladder." })),
        ("whom", word("Whose people have to see to it; `hub` for its operator.")),
        ("role", word("Which of them.")),
        ("due", json!({ "type": "string", "format": "date-time", "description": "When it fell due." })),
    ];
    object(&needed, &[])
}

fn way() -> Value {
    let needed = [
        ("id", id("dl", "What its recipient dedupes by.")),
        ("message", word("What is carried.")),
        ("to", word("To whom.")),
        ("status", word("Where it stands.")),
        ("attempt", json!({ "type": "integer", "minimum": 0 })),
    ];
    object(&needed, &[("reason", word("Why, coded."))])
}

fn id(prefix: &str, about: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}_[0-9a-f]{{32}}$"), "description": about })
}

fn word(about: &str) -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", "description": about })
}

/// A closed object: what is not described is not told.
fn object(needed: &[(&'static str, Value)], optional: &[(&'static str, Value)]) -> Value {
    let required: Vec<&str> = needed.iter().map(|(name, _)| *name).collect();
    let all = needed.iter().chain(optional).map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    let properties: Map<String, Value> = all.collect();
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

fn example_of_way(message: &str, status: &str, attempt: u32) -> Value {
    json!({ "id": WAY, "message": message, "to": "cpi", "status": status, "attempt": attempt })
}

fn example_of_step(step: &str, status: &str, version: u64) -> Value {
    json!({
        "request": REQUEST, "from": "ictp", "to": "cpi", "step": step, "status": status, "owner": "cpi",
        "version": version, "delivery": example_of_way(step, "queued", 0),
    })
}

fn example_of_overdue() -> Value {
    json!({
        "request": REQUEST, "from": "ictp", "to": "cpi", "step": "referral.overdue",
        "clock": {
            "name": "receive", "rung": 1, "whom": "cpi", "role": "caseworker",
            "due": "2026-11-22T09:30:00+05:00",
        },
        "delivery": example_of_way("referral.overdue", "queued", 0),
    })
}

fn example_of_delivery() -> Value {
    let mut way = example_of_way("referral.request", "undeliverable", 3);
    if let Some(members) = way.as_object_mut() {
        members.insert("reason".to_owned(), json!("timed-out"));
    }
    json!({ "request": REQUEST, "from": "ictp", "to": "cpi", "step": "undeliverable", "delivery": way })
}
