//! What the sandbox reports at the end: the story's referrals, its steps, the conservation of deliveries and
//! the state of the record; in words or as one JSON object.

use std::time::Duration;

use casework::MessageKind;
use serde::Serialize;
use serde_json::Value;
use store::Conservation;

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
    let counted = house.hub.count_conservation().await.map_err(Failure::at("counting everything"))?;
    let found = house.hub.store.last_count().await.map_err(Failure::at("reading the count"))?;
    let counts = found.map(|count| count.found.total()).unwrap_or_default();
    let holds = counted.holds() && counts.holds();
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
