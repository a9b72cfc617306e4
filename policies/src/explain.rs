//! Why something is decided as it is, in words, and which change of one fact alone would turn it round. For
//! people who write agreements and who answer for them; no decision is made here.

use std::collections::BTreeMap;
use std::fmt;

use casework::{Code, MessageKind, Priority};
use serde::Serialize;

use crate::{Ask, Expect, LeftOut, Moment, Policies, evaluate::Verdict};

/// A decision and its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What is decided.
    pub decision: Expect,
    /// By which policies: those that permit, or those that forbid.
    pub because: Vec<Because>,
    /// Permissions that fit and do not count, and why.
    pub left_out: Vec<LeftOut>,
    /// Why it cannot be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Changes of one fact that turn the decision round.
    pub changes: Vec<Turn>,
}

/// A policy that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Because {
    /// Its name.
    pub policy: String,
    /// What it says, in a sentence.
    pub title: String,
    /// Its agreement's title.
    pub agreement: String,
    /// What that rests on.
    pub legal_basis: String,
    /// From when to when it binds.
    pub valid: String,
}

/// Values of one fact with which it would be decided otherwise, all else as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// The fact: `role`, `purpose`, `basis`, `urgency`, `recipient`, `service`, `message`, `day`, `hour`.
    pub fact: &'static str,
    /// As it is.
    pub is: String,
    /// As it would have to be: any one of these.
    pub if_one_of: Vec<String>,
    /// What would be decided.
    pub decision: Expect,
    /// By which policies.
    pub by: Vec<String>,
}

/// Values of one fact shown to a person; more are counted.
const VALUES_SHOWN: usize = 8;

/// One changed question: the fact's new value, and the question and moment with it.
type Changed = (String, Ask, Moment);

impl Policies {
    /// Explains the answer to a question.
    #[must_use]
    pub fn explain(&self, ask: &Ask, at: Moment) -> Explanation {
        let (verdict, left_out) = self.weigh(ask, at);
        let decision = decided(&verdict);
        let (policies, error) = match verdict {
            Verdict::Allow(policies) | Verdict::Deny(policies) => (policies, None),
            Verdict::Error(error) => (Vec::new(), Some(error)),
        };
        let because = policies.iter().filter_map(|policy| self.because(policy)).collect();
        let changes = facts(ask, at).into_iter().flat_map(|(fact, is)| {
            let changed = self.changed(fact, ask, at);
            self.turns(fact, &is, decision, changed)
        });
        Explanation { decision, because, left_out, error, changes: changes.collect() }
    }

    fn because(&self, policy: &str) -> Option<Because> {
        let name = policy.split_once('.').map(|(agreement, _)| agreement)?;
        let agreement = self.agreements.iter().find(|agreement| agreement.name == name)?;
        let (policy, title) = agreement.policies.iter().find(|(named, _)| named == policy)?;
        Some(Because {
            policy: policy.clone(),
            title: title.clone(),
            agreement: agreement.title.clone(),
            legal_basis: agreement.legal_basis.clone(),
            valid: agreement.valid.to_string(),
        })
    }

    /// Those of the changed questions that are decided otherwise, one line for each set of policies.
    fn turns(&self, fact: &'static str, is: &str, now: Expect, changed: Vec<Changed>) -> Vec<Turn> {
        let mut found: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for (value, ask, at) in changed {
            let verdict = self.weigh(&ask, at).0;
            let turned = decided(&verdict);
            if turned == now || turned == Expect::Failed {
                continue;
            }
            if let Verdict::Allow(by) | Verdict::Deny(by) = verdict {
                found.entry(by).or_default().push(value);
            }
        }
        let otherwise = if now == Expect::Permitted { Expect::Denied } else { Expect::Permitted };
        let turn = |(by, if_one_of)| Turn { fact, is: is.to_owned(), if_one_of, decision: otherwise, by };
        found.into_iter().map(turn).collect()
    }

    /// The question with every other value of one fact.
    fn changed(&self, fact: &str, ask: &Ask, at: Moment) -> Vec<Changed> {
        let of = |values: Vec<String>, put: &dyn Fn(&str) -> Option<Ask>| {
            let one = |value: String| {
                let changed = put(&value)?;
                (changed != *ask).then_some((value, changed, at))
            };
            values.into_iter().filter_map(one).collect::<Vec<_>>()
        };
        let code = |value: &str| value.parse::<Code>().ok();
        let list = |name| self.text.enumerated(name);
        let same = || ask.clone();
        match fact {
            "role" => of(list("Role"), &|value| Some(Ask { roles: vec![value.to_owned()], ..same() })),
            "purpose" => of(list("Purpose"), &|value| Some(Ask { purpose: Some(code(value)?), ..same() })),
            "basis" => of(list("Basis"), &|value| Some(Ask { basis: Some(code(value)?), ..same() })),
            "urgency" => of(list("Urgency"), &|value| Some(Ask { urgency: Some(urgency(value)?), ..same() })),
            "recipient" => {
                of(self.parties(), &|value| Some(Ask { counterpart: Some(value.parse().ok()?), ..same() }))
            }
            "service" => {
                of(self.words.services.clone(), &|value| Some(Ask { service: Some(code(value)?), ..same() }))
            }
            "message" => of(messages(), &|value| Some(Ask { message: Some(value.parse().ok()?), ..same() })),
            "hour" => {
                let others = (0..24).filter(|hour| *hour != at.hour);
                others.map(|hour| (hour.to_string(), same(), Moment { hour, ..at })).collect()
            }
            _ => {
                let others = self.days().into_iter().filter(|day| *day != at.day);
                others.map(|day| (day.to_string(), same(), Moment { day, ..at })).collect()
            }
        }
    }

    /// Every agency that is party to something.
    fn parties(&self) -> Vec<String> {
        let all = self.agreements.iter().flat_map(|agreement| &agreement.parties);
        let all: std::collections::BTreeSet<String> = all.map(ToString::to_string).collect();
        all.into_iter().collect()
    }

    /// The days on which an agreement begins, ends, or is no more.
    fn days(&self) -> std::collections::BTreeSet<chrono::NaiveDate> {
        let of = |valid: &crate::Validity| {
            let after = valid.until.and_then(|until| until.succ_opt());
            [Some(valid.from), valid.from.pred_opt(), valid.until, after].into_iter().flatten()
        };
        self.agreements.iter().flat_map(|agreement| of(&agreement.valid)).collect()
    }
}

/// The facts of a question that can be changed, as they are.
fn facts(ask: &Ask, at: Moment) -> Vec<(&'static str, String)> {
    let code = |code: &Option<Code>| code.as_ref().map_or_else(none, ToString::to_string);
    vec![
        ("role", if ask.roles.is_empty() { none() } else { ask.roles.join(" ") }),
        ("purpose", code(&ask.purpose)),
        ("basis", code(&ask.basis)),
        ("urgency", ask.urgency.map_or_else(none, |urgency| urgency.as_str().to_owned())),
        ("recipient", ask.counterpart.as_ref().map_or_else(none, ToString::to_string)),
        ("service", code(&ask.service)),
        ("message", ask.message.map_or_else(none, |kind| kind.schema_name().to_owned())),
        ("day", at.day.to_string()),
        ("hour", at.hour.to_string()),
    ]
}

fn messages() -> Vec<String> {
    MessageKind::ALL.iter().map(|kind| kind.schema_name().to_owned()).collect()
}

fn urgency(word: &str) -> Option<Priority> {
    let all = [Priority::Emergency, Priority::Urgent, Priority::Normal];
    all.into_iter().find(|urgency| urgency.as_str() == word)
}

fn none() -> String {
    "none".to_owned()
}

const fn decided(verdict: &Verdict) -> Expect {
    match verdict {
        Verdict::Allow(_) => Expect::Permitted,
        Verdict::Deny(_) => Expect::Denied,
        Verdict::Error(_) => Expect::Failed,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.decision, self.because.is_empty()) {
            (Expect::Permitted, _) => writeln!(f, "permitted, because:")?,
            (Expect::Denied, false) => writeln!(f, "denied, because it is forbidden:")?,
            (Expect::Denied, true) => writeln!(f, "denied, because no policy permits it")?,
            (Expect::Failed, _) => {
                writeln!(f, "not decided: {}", self.error.as_deref().unwrap_or_default())?;
            }
        }
        for Because { policy, title, agreement, legal_basis, valid } in &self.because {
            writeln!(f, "  {policy}: {title}")?;
            writeln!(f, "    {agreement}; {legal_basis}; {valid}")?;
        }
        for LeftOut { policy, why } in &self.left_out {
            writeln!(f, "  {policy} would permit it, but {why}")?;
        }
        self.changes.iter().try_for_each(|turn| writeln!(f, "{turn}"))
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decision = match (self.decision, self.by.is_empty()) {
            (Expect::Permitted, _) => format!("permitted by {}", self.by.join(", ")),
            (_, true) => "denied".to_owned(),
            (_, false) => format!("forbidden by {}", self.by.join(", ")),
        };
        let shown: Vec<&str> = self.if_one_of.iter().take(VALUES_SHOWN).map(String::as_str).collect();
        write!(f, "  with {} {}", self.fact, shown.join(" | "))?;
        match self.if_one_of.len().saturating_sub(VALUES_SHOWN) {
            0 => {}
            more => write!(f, " (or {more} more)")?,
        }
        write!(f, " instead of {}: {decision}", self.is)
    }
}
