//! Fetches what changed: the cases updated since the cursor, their referrals that belong to an open one of
//! ours, and of those cases the fields an answer is read from. `last_updated_at_from` and the order are
//! assumed; the rest is Primero's documented API. Reading twice is harmless: every answer has a stable key.

use egress::Response;
use serde_json::{Map, Value};

use super::{
    config::Config,
    connect::{self, Step},
    records,
};
use crate::{
    agency::Agency,
    exchange::{Exchange, ExchangeError, Link, OpenReferral, Polled, Triage},
    protocols::verdict,
};

/// Cases of one page.
const PER_PAGE: usize = 100;
/// Pages of one round; what is left comes with the next, from the cursor on.
const PAGES_MAX: usize = 10;
/// Longest cursor, in bytes: a time in ISO 8601.
const CURSOR_BYTES_MAX: usize = 40;

/// One round.
pub async fn poll(
    agency: &Agency,
    config: &Config,
    link: &Link,
    open: &[OpenReferral],
    cursor: Option<String>,
) -> Result<Polled, ExchangeError> {
    let round = Round { agency, config, link };
    let cases = round.changed_cases(cursor.as_deref()).await?;
    let mut polled = Polled { answers: Vec::new(), cursor, triage: Vec::new() };
    for case in &cases {
        if let Some(id) = records::id(case) {
            round.read_case(id, open, &mut polled).await?;
        }
    }
    let newest = cases.iter().filter_map(updated_at).max();
    if let Some(newest) = newest.filter(|newest| polled.cursor.as_deref() < Some(newest)) {
        polled.cursor = Some(newest.to_owned());
    }
    Ok(polled)
}

struct Round<'a> {
    agency: &'a Agency,
    config: &'a Config,
    link: &'a Link,
}

impl Round<'_> {
    async fn get(&self, step: &Step<'_>) -> Result<Response, ExchangeError> {
        let answer = connect::send(self.agency, self.config, self.link, step).await?;
        if answer.status == 200 { Ok(answer) } else { Err(self.failed(&answer).into()) }
    }

    fn failed(&self, answer: &Response) -> Exchange {
        if answer.is_success() {
            return Exchange::unknown("unreadable-answer");
        }
        verdict::of_status(self.agency, answer)
    }

    async fn changed_cases(&self, cursor: Option<&str>) -> Result<Vec<Map<String, Value>>, ExchangeError> {
        let mut cases = Vec::new();
        for page in 1..=PAGES_MAX {
            let mut step = Step::get(vec!["cases"]);
            let fixed = [("fields", "short"), ("order_by", "last_updated_at"), ("order", "asc")];
            step.query.extend(fixed.map(|(name, value)| (name, value.to_owned())));
            step.query.push(("page", page.to_string()));
            step.query.push(("per", PER_PAGE.to_string()));
            step.query.extend(cursor.map(|cursor| ("last_updated_at_from", cursor.to_owned())));
            let rows = records::list(&self.get(&step).await?.body).ok_or_else(unreadable)?;
            let last = rows.len() < PER_PAGE;
            cases.extend(rows);
            if last {
                break;
            }
        }
        Ok(cases)
    }

    async fn read_case(
        &self,
        id: &str,
        open: &[OpenReferral],
        polled: &mut Polled,
    ) -> Result<(), ExchangeError> {
        let answer = self.get(&Step::get(vec!["cases", id, "referrals"])).await?;
        let mut ours = Vec::new();
        for record in records::list(&answer.body).ok_or_else(unreadable)? {
            if let Some(open) = records::belongs_to(&record, open) {
                ours.push((open, record));
            }
        }
        if ours.is_empty() {
            return Ok(());
        }
        let answer = self.get(&Step::get(vec!["cases", id])).await?;
        let Some(Value::Object(case)) = records::data(&answer.body) else { return Err(unreadable()) };
        for (open, record) in ours {
            let local_reference = records::id(&record).map(str::to_owned);
            let document = records::document(open.referral, record, &case, self.config);
            match self.agency.map_inbound(document.json()) {
                Ok(answers) => polled.answers.extend(answers),
                Err(error) => polled.triage.push(Triage {
                    referral: open.referral,
                    local_reference,
                    error,
                    evidence: seal::sha256(document.to_bytes().expose()),
                }),
            }
        }
        Ok(())
    }
}

fn unreadable() -> ExchangeError {
    Exchange::unknown("unreadable-answer").into()
}

fn updated_at(case: &Map<String, Value>) -> Option<&str> {
    let text = case.get("last_updated_at")?.as_str()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":.+-".contains(&byte));
    (plain && text.len() <= CURSOR_BYTES_MAX).then_some(text)
}
