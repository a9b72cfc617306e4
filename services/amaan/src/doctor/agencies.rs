//! Does anybody listen where agencies' systems should be? No message is sent. And what was never confirmed.

use adapters::{Agency, Contract, Registry};
use egress::Client;
use futures_util::future::join_all;

use super::finding::{Finding, Rank};
use crate::config::{Endpoint, Settings, Webhook};
use crate::failure::Failure;

/// Knocks at each endpoint, all at once.
pub async fn look(settings: &Settings, http: &Client) -> Vec<Finding> {
    let knock = async |(name, endpoint): (&String, &Endpoint)| {
        let error = http.knock(endpoint.url.url()).await.err()?;
        Some(Finding::new(
            Rank::Warning,
            format!("endpoint {name}"),
            format!("cannot be reached: {error}"),
            "what is for this agency waits, and after the last attempt rests with a person",
            format!("see that its system runs, or mend `endpoints.{name}.url`"),
        ))
    };
    let mut findings: Vec<Finding> =
        join_all(settings.endpoints.iter().map(knock)).await.into_iter().flatten().collect();
    findings.extend(webhooks(settings, http).await);
    findings
}

async fn webhooks(settings: &Settings, http: &Client) -> Vec<Finding> {
    let knock = async |(name, webhook): (&String, &Webhook)| {
        let error = http.knock(webhook.url.url()).await.err()?;
        Some(Finding::new(
            Rank::Warning,
            format!("webhook {name}"),
            format!("cannot be reached: {error}"),
            "events wait, and after the last try it is disabled",
            format!("see that its receiver runs, or mend `webhooks.{name}.url`"),
        ))
    };
    join_all(settings.webhooks.iter().map(knock)).await.into_iter().flatten().collect()
}

/// What runs on assumptions.
pub fn notes(settings: &Settings) -> Result<Vec<Finding>, Failure> {
    let registry = Registry::shared().map_err(Failure::at("the adapters"))?;
    let takes_part = |agency: &&Agency| {
        let fetches = settings.clients.iter().any(|client| client.agency == agency.code);
        settings.endpoints.contains_key(&agency.endpoint) || fetches
    };
    let assumed =
        registry.agencies().filter(takes_part).filter(|agency| agency.contract == Contract::Assumed);
    let assumed: Vec<&str> = assumed.map(|agency| agency.code.as_str()).collect();
    if assumed.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![
        Finding::new(
            Rank::Note,
            "adapters",
            format!("interfaces are assumed of: {}", assumed.join(", ")),
            "no agency has confirmed them: its real system may take something else",
            "have each confirmed, then say so in its `agency.toml` (`contract`)",
        ),
        Finding::new(
            Rank::Note,
            "schemas/codelists/referral_clocks.csv",
            "clocks are proposed, not agreed",
            "deadlines run that no agency has promised",
            "have the agencies agree on them, then write down who did (`confidence`)",
        ),
    ])
}
