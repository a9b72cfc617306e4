//! What another set would have decided: past decisions, as codes and counted, put to both sets; those by
//! which somebody was refused, too. Nobody's data is in it; where past decisions come from is the hub's
//! business, and so is which of them cannot be asked again: these are only counted.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Ask, Expect, Moment, Policies, evaluate::Verdict};

/// Differences told one by one; more are only counted.
const TOLD_MAX: usize = 200;

/// Past decisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// Questions in words, each with how often it was asked.
    pub asked: BTreeMap<String, (Ask, Times)>,
    /// Decisions that cannot be asked again: why, and how many.
    pub not_asked: BTreeMap<&'static str, u64>,
}

/// How often something was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Whatever came of it.
    pub all: u64,
    /// Of these, how often it was refused then.
    pub refused: u64,
}

/// What became of past decisions under another set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The set compared with.
    pub from: String,
    /// The other set.
    pub to: String,
    /// How many past decisions were asked again.
    pub decisions: u64,
    /// Of these, how many were refusals.
    pub refusals: u64,
    /// Decisions that could not be asked again: why, and how many.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub not_asked: BTreeMap<&'static str, u64>,
    /// How many would be permitted that are not.
    pub newly_permitted: u64,
    /// How many would be denied that are permitted.
    pub newly_denied: u64,
    /// How many could not be decided any more.
    pub newly_failed: u64,
    /// How many questions differ.
    pub questions: usize,
    /// The differences, those that happened most first.
    pub differences: Vec<Difference>,
}

/// One question that is decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How often it was asked.
    pub times: u64,
    /// Of these, how often it was refused then.
    pub refused: u64,
    /// Who, with which roles, does what, to whom, with what.
    pub asked: String,
    /// What the first set decides.
    pub was: Expect,
    /// By which policies.
    pub was_by: Vec<String>,
    /// What the other decides.
    pub becomes: Expect,
    /// By which policies.
    pub becomes_by: Vec<String>,
}

/// Puts past questions, each with how often it was asked, to both sets as of one moment.
#[must_use]
pub fn replay(from: &Policies, to: &Policies, past: &Past, at: Moment) -> Replay {
    let mut told = Replay {
        from: from.digest.clone(),
        to: to.digest.clone(),
        decisions: 0,
        refusals: 0,
        not_asked: past.not_asked.clone(),
        newly_permitted: 0,
        newly_denied: 0,
        newly_failed: 0,
        questions: 0,
        differences: Vec::new(),
    };
    for (words, (ask, times)) in &past.asked {
        told.decisions = told.decisions.saturating_add(times.all);
        told.refusals = told.refusals.saturating_add(times.refused);
        let (was, was_by) = decided(from.weigh(ask, at).0);
        let (becomes, becomes_by) = decided(to.weigh(ask, at).0);
        if was == becomes {
            continue;
        }
        let count = match becomes {
            Expect::Permitted => &mut told.newly_permitted,
            Expect::Denied => &mut told.newly_denied,
            Expect::Failed => &mut told.newly_failed,
        };
        *count = count.saturating_add(times.all);
        let (Times { all: times, refused }, asked) = (*times, words.clone());
        told.differences.push(Difference { times, refused, asked, was, was_by, becomes, becomes_by });
    }
    told.questions = told.differences.len();
    told.differences.sort_by(|one, other| other.times.cmp(&one.times).then(one.asked.cmp(&other.asked)));
    told.differences.truncate(TOLD_MAX);
    told
}

fn decided(verdict: Verdict) -> (Expect, Vec<String>) {
    match verdict {
        Verdict::Allow(by) => (Expect::Permitted, by),
        Verdict::Deny(by) => (Expect::Denied, by),
        Verdict::Error(_) => (Expect::Failed, Vec::new()),
    }
}

impl Ask {
    /// The question in a line of codes, the same for the same question.
    #[must_use]
    pub fn in_words(&self) -> String {
        let to = self.counterpart.as_ref().map_or(String::new(), |to| format!(" -> {to}"));
        let mut words = format!("{} [{}] {}{to}", self.agency, self.roles.join(" "), self.act.as_str());
        let facts = [
            self.message.map(|kind| kind.schema_name().to_owned()),
            self.service.as_ref().map(ToString::to_string),
            self.purpose.as_ref().map(ToString::to_string),
            self.basis.as_ref().map(ToString::to_string),
            self.urgency.map(|urgency| urgency.as_str().to_owned()),
            self.places.case_district.as_ref().map(ToString::to_string),
        ];
        for fact in facts.into_iter().flatten() {
            words.push(' ');
            words.push_str(&fact);
        }
        words
    }
}
