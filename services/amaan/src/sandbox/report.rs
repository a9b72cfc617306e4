//! What the sandbox reports at the end: the story's referrals, its steps, the conservation of deliveries and
//! the state of the record; in words or as one JSON object.

use std::collections::BTreeMap;
use std::time::Duration;

use casework::{AgencyCode, Event, MessageKind};
use serde::Serialize;
use serde_json::Value;
use store::{AuditEntry, Conservation};

use super::endings::Ending;
use super::house::House;
use super::narrator::Step;
use super::story::Story;
use crate::failure::Failure;

/// The whole report.
#[derive(Serialize)]
pub struct Report {
    referrals: Vec<ReferralLine>,
    steps: Vec<Step>,
    conservation: ConservationLine,
    audit: AuditLine,
    /// Steps of the first referral that its sender sees.
    sender_sees: usize,
    indicators: Vec<Value>,
    /// Of `--play every-ending`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endings: Vec<Ending>,
    seconds: Seconds,
}

#[derive(Serialize)]
struct ReferralLine {
    id: String,
    case: String,
    from: String,
    to: String,
    service: String,
    status: String,
    owner: Option<String>,
    attempts: u32,
}

#[derive(Serialize)]
struct ConservationLine {
    #[serde(flatten)]
    counts: Conservation,
    holds: bool,
}

#[derive(Serialize)]
struct AuditLine {
    entries: u64,
    verified: bool,
    checkpoint: String,
    #[serde(skip)]
    shown: usize,
}

#[derive(Serialize)]
struct Seconds {
    past: f64,
    story: f64,
}

/// Gathers it.
pub async fn make(
    house: &House,
    story: Story,
    endings: Vec<Ending>,
    past: Duration,
    took: Duration,
) -> Result<Report, Failure> {
    let mut referrals = Vec::new();
    for id in &story.referrals {
        referrals.push(line(house, *id).await?);
    }
    let by_agency = conservation(house).await?;
    let holds = by_agency.values().all(Conservation::holds);
    let counts = total(by_agency.values());
    Ok(Report {
        referrals,
        conservation: ConservationLine { holds, counts },
        audit: AuditLine {
            entries: story.verified.entries,
            verified: story.verified.verified(),
            checkpoint: story.checkpoint,
            shown: story.trail.get("data").and_then(Value::as_array).map_or(0, Vec::len),
        },
        sender_sees: story.sender_sees,
        indicators: vec![story.table, story.acceptance],
        steps: story.steps,
        endings,
        seconds: Seconds { past: past.as_secs_f64(), story: took.as_secs_f64() },
    })
}

async fn line(house: &House, id: casework::ReferralId) -> Result<ReferralLine, Failure> {
    let missing = || Failure::Failed("a referral of the story is gone".to_owned());
    let referral = house.hub.store.referral(id).await.map_err(Failure::at("reading"))?.ok_or_else(missing)?;
    let deliveries = house.hub.store.deliveries_of(id).await.map_err(Failure::at("reading"))?;
    let request = deliveries.iter().find(|held| held.message == MessageKind::Request);
    Ok(ReferralLine {
        id: id.to_string(),
        case: referral.case.to_string(),
        from: referral.from.to_string(),
        to: referral.to.to_string(),
        service: referral.service.to_string(),
        status: referral.status.to_string(),
        owner: referral.owner.map(|owner| owner.to_string()),
        attempts: request.map_or(0, |held| held.attempts),
    })
}

/// Per agency: what was made for it, counted from the ledger, against where it rests, counted from the state.
async fn conservation(house: &House) -> Result<BTreeMap<AgencyCode, Conservation>, Failure> {
    let found = house.hub.store.conservation().await.map_err(Failure::at("counting deliveries"))?;
    let mut counts: BTreeMap<AgencyCode, Conservation> = found.into_iter().collect();
    for count in counts.values_mut() {
        count.created = 0;
    }
    let mut next = 0_u64;
    loop {
        let page =
            house.hub.store.entries_from(next, 200).await.map_err(Failure::at("reading the ledger"))?;
        let Some(last) = page.last() else { return Ok(counts) };
        next = last.index.saturating_add(1);
        for to in page.iter().filter_map(made_for) {
            let count = counts.entry(to.clone()).or_default();
            count.created = count.created.saturating_add(1);
        }
    }
}

/// For whom an entry makes a delivery, if it does.
fn made_for(found: &AuditEntry) -> Option<&AgencyCode> {
    match &found.entry.event {
        Event::Created(created) => Some(&created.to),
        Event::Moved(moved) => moved.delivery.as_ref().map(|made| &made.to),
        Event::Overdue(step) => step.delivery.as_ref().map(|made| &made.to),
        _ => None,
    }
}

fn total<'a>(by_agency: impl Iterator<Item = &'a Conservation>) -> Conservation {
    let mut sum = Conservation::default();
    for counts in by_agency {
        sum.created += counts.created;
        sum.delivered += counts.delivered;
        sum.refused += counts.refused;
        sum.undeliverable += counts.undeliverable;
        sum.expired += counts.expired;
        sum.withdrawn += counts.withdrawn;
        sum.in_flight += counts.in_flight;
    }
    sum
}

impl Report {
    /// Does everything hold?
    pub const fn good(&self) -> bool {
        self.conservation.holds && self.audit.verified
    }

    /// The end of the timeline, in words.
    pub fn print(&self) {
        for ending in &self.endings {
            println!("{}", ending.line());
        }
        for table in &self.indicators {
            println!("\n{}", oversight_text(table));
        }
        println!("\ndeliveries: {}", self.conservation.counts.sum());
        let word = if self.conservation.holds { "nothing is lost" } else { "THE SUM DOES NOT HOLD" };
        println!("            {word}");
        let verified = if self.audit.verified { "verified" } else { "DOES NOT HOLD" };
        println!(
            "audit:      {} entries, {verified}; the analyst read the newest {}",
            self.audit.entries, self.audit.shown
        );
        println!("took:       past {:.1} s, story {:.1} s", self.seconds.past, self.seconds.story);
    }
}

/// A table of the API as aligned text.
fn oversight_text(table: &Value) -> String {
    let text = |member: &str| table.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |member: &str| table.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut lines = vec![format!("{} ({} to {})", text("title"), text("from_month"), text("to_month"))];
    for row in list("rows").iter().chain(&list("totals")) {
        let keys = row.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
        let cells = row.get("cells").and_then(Value::as_array).cloned().unwrap_or_default();
        let keys: String = keys.iter().map(|key| format!("{:<14}", key.as_str().unwrap_or("-"))).collect();
        let cells: String = cells.iter().map(|cell| format!("{:>12}", figure(cell))).collect();
        lines.push(format!("  {keys}{cells}"));
    }
    lines.push(format!("  {}", text("note")));
    lines.join("\n")
}

fn figure(cell: &Value) -> String {
    match cell {
        Value::Object(members) => match members.iter().next() {
            Some((kind, _)) if kind == "withheld" => "[c]".to_owned(),
            Some((_, value)) => value.to_string(),
            None => String::new(),
        },
        Value::String(word) if word == "empty" => "-".to_owned(),
        other => other.to_string(),
    }
}
