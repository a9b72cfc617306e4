//! The clocks as a person reads them: those the hub runs, with their ladders, and the deadlines of law and
//! practice that it does not run (`legal_clocks.csv`). Nothing here is decided by, and nothing of it may be
//! shown as law before a lawyer has confirmed it.

use serde::Serialize;

use crate::{LoadError, codelist::Lists};

const OPERATING: &str = "referral_clocks.csv";
const LADDERS: &str = "ladders.csv";
const LEGAL: &str = "legal_clocks.csv";
/// The kinds of row that could be law at all; a bill is none, and practice is none.
const OF_LAW: &[&str] = &["statute", "ordinance"];
const KINDS: &[&str] = &["statute", "ordinance", "bill", "practice"];
const CONFIDENCES: &[&str] = &["HIGH", "LOW", "UNVERIFIED"];

/// All clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockBook {
    /// Those of a referral and its deliveries.
    pub operating: Vec<OperatingClock>,
    /// Deadlines that the hub does not run.
    pub legal: Vec<LegalClock>,
}

/// A clock of the hub. Durations are ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatingClock {
    /// Its name.
    pub clock: String,
    /// What starts it.
    pub starts: String,
    /// What stops it.
    pub stops: String,
    /// How long in an emergency: every hour of the year.
    pub emergency: String,
    /// How long when urgent: working days.
    pub urgent: String,
    /// How long else: working days.
    pub normal: String,
    /// Who has to act.
    pub responsible: String,
    /// `form`: from the inter-agency form; `proposed`: the project's, for agencies to confirm.
    pub confidence: String,
    /// Does the hub run it? Some are agreed on paper only.
    pub run_by_hub: bool,
    /// Who is told when it is overdue, in order.
    pub ladder: Vec<LadderStep>,
}

/// A rung of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LadderStep {
    /// From 1.
    pub rung: String,
    /// `receiver`, `sender`, `owner` or `hub`.
    pub whom: String,
    /// Which of their people.
    pub role: String,
    /// How long after the clock fell due, in an emergency.
    pub emergency: String,
    /// The same when urgent.
    pub urgent: String,
    /// The same else.
    pub normal: String,
    /// What happens beside the telling.
    pub does: String,
}

/// A deadline of law or practice, as far as anybody knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegalClock {
    /// Its id.
    pub id: String,
    /// `statute`, `ordinance`, `bill` (not law) or `practice`, perhaps with a year.
    pub kind: String,
    /// What has to be done.
    pub duty: String,
    /// In what time, ISO 8601 or words.
    pub duration: String,
    /// From when; empty where it is not known.
    pub starts: String,
    /// Where that was read.
    pub source: String,
    /// `HIGH`, `LOW` or `UNVERIFIED`.
    pub confidence: String,
    /// The lawyer who confirmed it, and when; nobody has yet where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lawyer_confirmed: Option<String>,
    /// May a screen call it law? Only what is of law, known with high confidence and confirmed by a lawyer.
    pub shown_as_law: bool,
}

impl ClockBook {
    pub(crate) fn load(lists: &Lists) -> Result<Self, LoadError> {
        let legal: Result<Vec<_>, _> = lists.table(LEGAL)?.rows().map(|row| legal_clock(&row)).collect();
        Ok(Self { operating: operating(lists)?, legal: legal? })
    }
}

fn operating(lists: &Lists) -> Result<Vec<OperatingClock>, LoadError> {
    let ladders = lists.table(LADDERS)?;
    let clocks = lists.table(OPERATING)?.rows().map(|row| OperatingClock {
        ladder: ladders.rows().filter(|rung| rung("clock") == row("clock")).map(|rung| step(&rung)).collect(),
        clock: row("clock"),
        starts: row("starts"),
        stops: row("stops"),
        emergency: row("emergency"),
        urgent: row("urgent"),
        normal: row("normal"),
        responsible: row("responsible"),
        confidence: row("confidence"),
        run_by_hub: row("run_by_hub") == "yes",
    });
    Ok(clocks.collect())
}

fn step(row: &dyn Fn(&str) -> String) -> LadderStep {
    LadderStep {
        rung: row("rung"),
        whom: row("whom"),
        role: row("role"),
        emergency: row("emergency"),
        urgent: row("urgent"),
        normal: row("normal"),
        does: row("does"),
    }
}

fn legal_clock(row: &dyn Fn(&str) -> String) -> Result<LegalClock, LoadError> {
    let (id, kind, confidence) = (row("clock_id"), row("kind"), row("confidence"));
    let bad = |why: &str| LoadError::bad(&format!("codelists/{LEGAL}"), &id, why);
    let is = |kinds: &[&str]| kinds.iter().any(|known| kind.split(' ').next() == Some(*known));
    if !is(KINDS) {
        return Err(bad("kind: expected statute, ordinance, bill or practice"));
    }
    if !CONFIDENCES.contains(&confidence.as_str()) {
        return Err(bad("confidence: expected HIGH, LOW or UNVERIFIED"));
    }
    if row("source").is_empty() {
        return Err(bad("source: say where this was read"));
    }
    let lawyer_confirmed = Some(row("lawyer_confirmed")).filter(|text| !text.is_empty());
    Ok(LegalClock {
        shown_as_law: is(OF_LAW) && confidence == "HIGH" && lawyer_confirmed.is_some(),
        duty: row("duty"),
        duration: row("duration_iso8601"),
        starts: row("starts"),
        source: row("source"),
        id,
        kind,
        confidence,
        lawyer_confirmed,
    })
}
