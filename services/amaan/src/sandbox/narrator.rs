//! Tells the story from the ledger: every line is an entry of the story's cases, in order, with its index and
//! time, and says what was shown to whom and what was withheld. Nothing is told that is not written down.

use std::collections::{BTreeMap, BTreeSet};

use casework::{
    CaseId, Categories, CheckStatus, ClockChange, Created, DeliveryId, DeliveryMoved, DeliveryStep, Event,
    Moved, Overdue, ReferralId, Requested,
};
use serde::Serialize;
use store::AuditEntry;

use super::house::House;
use crate::failure::Failure;

/// One line of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// When, RFC 3339, by the case clock.
    pub at: String,
    /// In words.
    pub what: String,
    /// Which referral.
    pub referral: Option<String>,
    /// Which entry of the ledger.
    pub entry: Option<u64>,
    /// Categories of data that were shown.
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub categories: Categories,
    /// Categories that the message has and the recipient was not shown.
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub withheld: Categories,
}

/// Where a delivery goes, learnt from the entry that made it.
struct Route {
    to: String,
    message: String,
    referral: ReferralId,
}

/// Follows the story's cases.
pub struct Narrator {
    cases: Vec<CaseId>,
    told: BTreeSet<u64>,
    routes: BTreeMap<DeliveryId, Route>,
    receivers: BTreeMap<ReferralId, (String, String)>,
    aloud: bool,
    /// Everything told so far.
    pub steps: Vec<Step>,
}

impl Narrator {
    pub fn new(aloud: bool) -> Self {
        Self {
            cases: Vec::new(),
            told: BTreeSet::new(),
            routes: BTreeMap::new(),
            receivers: BTreeMap::new(),
            aloud,
            steps: Vec::new(),
        }
    }

    pub fn follow(&mut self, case: CaseId) {
        if !self.cases.contains(&case) {
            self.cases.push(case);
        }
    }

    /// A line between entries.
    pub fn say(&self, text: &str) {
        if self.aloud {
            println!("\n{text}");
        }
    }

    /// Tells every entry that is new.
    pub async fn catch_up(&mut self, house: &House) -> Result<(), Failure> {
        let mut fresh: Vec<AuditEntry> = Vec::new();
        for case in &self.cases {
            fresh.extend(
                house.hub.store.case_history(*case).await.map_err(Failure::at("reading the ledger"))?,
            );
        }
        fresh.retain(|found| !self.told.contains(&found.index));
        fresh.sort_by_key(|found| found.index);
        for found in fresh {
            self.told.insert(found.index);
            if let Some(step) = self.tell(&found) {
                if self.aloud {
                    print(&step);
                }
                self.steps.push(step);
            }
        }
        Ok(())
    }

    fn tell(&mut self, found: &AuditEntry) -> Option<Step> {
        let (what, referral, categories, withheld) = match &found.entry.event {
            Event::Requested(Requested { from, recipients, case, .. }) => {
                let reference = casework::CaseReference::of(*case);
                let what = format!("{from} refers a child, case {reference}, to {recipients} recipient(s)");
                (what, None, Categories::new(), Categories::new())
            }
            Event::Created(created) => (self.created(created), Some(created.referral), none(), none()),
            Event::Moved(moved) => (self.moved(moved), Some(moved.referral), none(), none()),
            Event::Overdue(step) => (self.overdue(step), Some(step.referral), none(), none()),
            Event::Delivery(step) => {
                let what = self.delivery(step);
                (what, self.referral_of(step.delivery), step.shown.clone(), step.withheld.clone())
            }
            Event::Identity(step) => {
                let what = match (step.status, step.result) {
                    (CheckStatus::Asked, _) => {
                        format!("{} asks {} to check a guardian's number", step.from, step.to)
                    }
                    (_, Some(result)) => format!("{} answers: {}", step.to, word(&result)),
                    (status, None) => format!("{}: {}", step.to, word(&status)),
                };
                (what, None, step.shown.clone(), none())
            }
            Event::Drafted(made) => {
                let what = format!("{} writes a draft for {}; nobody else sees it", made.from, made.to);
                (what, Some(made.referral), none(), none())
            }
            Event::Register(_)
            | Event::Noticed(_)
            | Event::Read(_)
            | Event::Refused(_)
            | Event::Session(_)
            | Event::Counted(_) => return None,
        };
        Some(Step {
            at: found.entry.at.to_string(),
            what,
            referral: referral.map(|id| id.to_string()),
            entry: Some(found.index),
            categories,
            withheld,
        })
    }

    fn created(&mut self, created: &Created) -> String {
        let to = created.to.to_string();
        let route =
            Route { to: to.clone(), message: "referral.request".to_owned(), referral: created.referral };
        self.routes.insert(created.delivery, route);
        self.receivers.insert(created.referral, (created.from.to_string(), to));
        let mut what =
            format!("{} -> {}: {}, {}", created.from, created.to, created.service, created.priority.as_str());
        if let (Some(addressed), Some(mandate)) = (&created.addressed, &created.mandate) {
            what = format!("{what}; addressed to {addressed}, but {mandate} lies with {} today", created.to);
        }
        what
    }

    fn moved(&mut self, moved: &Moved) -> String {
        let (from, to) = self.receivers.get(&moved.referral).cloned().unwrap_or_default();
        let who = match moved.step.action() {
            "information" | "close" | "feedback" | "cancel-request" => from,
            "overdue" => "the hub".to_owned(),
            _ => to,
        };
        if let Some(made) = &moved.delivery {
            let (to, message) = (made.to.to_string(), moved.step.schema_name().to_owned());
            self.routes.insert(made.delivery, Route { to, message, referral: moved.referral });
        }
        let reason = moved.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let suggested = moved.suggested.as_ref().map(|to| format!(", suggests {to}")).unwrap_or_default();
        let owner = moved.owner.as_ref().map_or_else(|| "nobody: closed".to_owned(), ToString::to_string);
        let clock = moved.clocks.iter().find_map(started).unwrap_or_default();
        format!(
            "{who}: {}{reason}{suggested}; now {}, responsible: {owner}{clock}",
            moved.step.action(),
            moved.status
        )
    }

    fn overdue(&mut self, step: &Overdue) -> String {
        if let Some(made) = &step.delivery {
            let (to, message) = (made.to.to_string(), "referral.overdue".to_owned());
            self.routes.insert(made.delivery, Route { to, message, referral: step.referral });
        }
        let (clock, rung) = (step.clock.as_str(), step.rung);
        let next = step.next.map_or_else(|| "the last rung".to_owned(), |next| format!("next rung {next}"));
        format!(
            "{clock} clock overdue since {}: rung {rung}, {}'s {}; {next}",
            step.due, step.whom, step.role
        )
    }

    fn delivery(&self, step: &DeliveryMoved) -> String {
        let (to, message) =
            self.routes.get(&step.delivery).map_or(("?", "?"), |route| (&route.to, &route.message));
        let reason = step.reason.as_ref().map_or("-", casework::Code::as_str);
        match step.step {
            DeliveryStep::Sent => format!("{message} on its way to {to}, attempt {}", step.attempt),
            DeliveryStep::Delivered => format!("{to}'s system has {message}"),
            DeliveryStep::Retry => format!("{to}'s system did not confirm ({reason}); tried again later"),
            DeliveryStep::Refused => format!("{to}'s system refuses {message} ({reason})"),
            DeliveryStep::Undeliverable => format!("{message} to {to} rests with a person ({reason})"),
            DeliveryStep::Expired => {
                format!("{message} to {to} could not be delivered in its time and rests with a person")
            }
            DeliveryStep::Replayed | DeliveryStep::Resolved => format!("a person settled {message} to {to}"),
            DeliveryStep::Withdrawn => format!("{message} to {to} is called back; nobody was shown it"),
            DeliveryStep::Discarded => format!("two people gave up {message} to {to} ({reason})"),
        }
    }

    fn referral_of(&self, delivery: DeliveryId) -> Option<ReferralId> {
        self.routes.get(&delivery).map(|route| route.referral)
    }
}

/// A clock that an entry starts: an operating time, not law.
fn started(change: &ClockChange) -> Option<String> {
    match change {
        ClockChange::Start { clock, due } => Some(format!("; {} clock until {due}", clock.as_str())),
        _ => None,
    }
}

const fn none() -> Categories {
    Categories::new()
}

/// The kebab-case word of a coded value.
fn word<T: Serialize>(code: &T) -> String {
    serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn print(step: &Step) {
    let entry = step.entry.map(|entry| format!("#{entry}")).unwrap_or_default();
    let time = step.at.get(11..19).unwrap_or(&step.at);
    println!("  {time} {entry:>7}  {}", step.what);
    if !step.categories.is_empty() {
        println!("{:>18}  shown: {}", "", list(&step.categories));
    }
    if !step.withheld.is_empty() {
        println!("{:>18}  withheld: {}", "", list(&step.withheld));
    }
}

fn list(categories: &Categories) -> String {
    categories.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(", ")
}
