//! One thing that `amaan doctor` found, and all of them as a person or a machine reads them. What is found is
//! the other files' business.

use std::fmt::Write;

use serde_json::{Value, json};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The hub does not start, or must not.
    Blocker,
    /// It runs, but not as it should, or not for long.
    Warning,
    /// Good to know; nothing to mend here.
    Note,
}

impl Rank {
    const ALL: [Self; 3] = [Self::Blocker, Self::Warning, Self::Note];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Blocker => "blocker",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What, where, why it matters, and the fix: a command or a setting.
#[derive(Debug)]
pub struct Finding {
    pub rank: Rank,
    pub place: String,
    pub what: String,
    pub why: String,
    pub fix: String,
}

impl Finding {
    pub fn new(
        rank: Rank,
        place: impl Into<String>,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { rank, place: place.into(), what: what.into(), why: why.into(), fix: fix.into() }
    }
}

/// The gravest first; among equals in the order of looking.
pub fn ranked(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.rank);
    findings
}

/// Does anything keep the hub from running?
pub fn blocked(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.rank == Rank::Blocker)
}

/// For a person.
pub fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for Finding { rank, place, what, why, fix } in findings {
        let rank = rank.as_str();
        // Writing into a String does not fail.
        _ = writeln!(out, "{rank}: {place}: {what}\n  why: {why}\n  fix: {fix}\n");
    }
    out + &summary(findings) + "\n"
}

fn summary(findings: &[Finding]) -> String {
    let count = |rank| findings.iter().filter(|finding| finding.rank == rank).count();
    let counted = |rank: Rank| match count(rank) {
        0 => None,
        1 => Some(format!("1 {}", rank.as_str())),
        more => Some(format!("{more} {}s", rank.as_str())),
    };
    let all = Rank::ALL.into_iter().filter_map(counted).collect::<Vec<_>>().join(", ");
    match (count(Rank::Blocker) + count(Rank::Warning), all.as_str()) {
        (0, "") => "nothing to mend".to_owned(),
        (0, notes) => format!("nothing to mend; {notes}"),
        (_, all) => format!("to mend: {all}"),
    }
}

/// For a machine: the same.
pub fn to_json(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        let Finding { rank, place, what, why, fix } = finding;
        json!({ "rank": rank.as_str(), "where": place, "what": what, "why": why, "fix": fix })
    };
    json!({ "ok": !blocked(findings), "findings": findings.iter().map(one).collect::<Vec<_>>() })
}
