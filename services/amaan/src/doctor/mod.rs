//! `amaan doctor`: looks at everything a hub needs and says what to mend. It starts nothing and changes
//! nothing; it may run beside the hub it is asked about. One file for each thing looked at.

mod agencies;
mod broker;
mod certificates;
mod database;
mod files;
pub mod finding;
mod issuers;
mod machine;
mod policies;
pub mod probes;

use std::path::Path;

use finding::{Finding, Rank, ranked};
use seal::NoteKey;

use crate::config::secrets::{self, Secrets};
use crate::config::{self, Broker, Databases, Problems, Refused, Settings, rules};
use crate::failure::Failure;

/// All there is to say about the house that this file describes.
pub async fn examine(file: &Path) -> Result<Vec<Finding>, Failure> {
    let settings = match config::load(file) {
        Ok(settings) => settings,
        Err(Refused::Problems(problems)) => return Ok(with_machine(of_configuration(&problems))),
        Err(unreadable) => return Err(unreadable.into()),
    };
    let mut findings = Vec::new();
    findings.extend(files::look(&settings));
    findings.extend(certificates::look(&settings));
    match secrets::open(&settings) {
        Ok(Secrets { databases, broker, roots_pem, note_key, other_note_keys, .. }) => {
            let keys = std::iter::once(note_key).chain(other_note_keys).collect();
            findings.extend(house(&settings, (databases, broker, roots_pem), keys).await?);
        }
        Err(Refused::Problems(problems)) => {
            findings.extend(of_configuration(&problems));
            // Without its keys the hub cannot start, but what it stands on can be asked all the same.
            findings.extend(house(&settings, secrets::reachable(&settings), Vec::new()).await?);
        }
        Err(unreadable) => return Err(unreadable.into()),
    }
    findings.extend(agencies::notes(&settings)?);
    Ok(with_machine(findings))
}

fn with_machine(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.extend(machine::look());
    ranked(findings)
}

fn of_configuration(problems: &Problems) -> Vec<Finding> {
    let one = |told: config::Told| Finding::new(Rank::Blocker, told.place, told.what, told.why, told.fix);
    problems.told().map(one).collect()
}

/// Store, broker, and whom the hub calls.
async fn house(
    settings: &Settings,
    (databases, broker, roots_pem): (Option<Databases>, Option<Broker>, Option<String>),
    note_keys: Vec<NoteKey>,
) -> Result<Vec<Finding>, Failure> {
    let mut findings = match (settings.store.is_server(), &databases) {
        // Its URLs cannot be used, which is told already.
        (true, None) => Vec::new(),
        _ => database::look(settings, databases, note_keys).await,
    };
    findings.extend(broker::look(settings, broker).await);
    findings.extend(outside(settings, roots_pem).await?);
    Ok(findings)
}

async fn outside(settings: &Settings, roots_pem: Option<String>) -> Result<Vec<Finding>, Failure> {
    let called = settings.endpoints.values().map(|endpoint| endpoint.url.origin());
    let called = called.chain(settings.issuers.iter().map(|issuer| issuer.issuer.origin()));
    let called = called.chain(settings.providers.values().map(|provider| provider.issuer.origin()));
    let called = called.chain(settings.webhooks.values().map(|webhook| webhook.url.origin()));
    let http = egress::Client::new(rules(called.collect(), roots_pem));
    let http = http.map_err(Failure::at("the outbound client"))?;
    let mut findings = issuers::look(settings, &http).await;
    findings.extend(agencies::look(settings, &http).await);
    Ok(findings)
}
