//! Can the broker carry? And does the pair of store and queue make sense?

use super::finding::{Finding, Rank};
use super::probes;
use crate::config::{Broker, Settings};

/// Asks the broker, where there is one, and judges what it says.
pub async fn look(settings: &Settings, broker: Option<Broker>) -> Vec<Finding> {
    let mut findings = pair(settings);
    let Some(broker) = broker else { return findings };
    let place = match &settings.queue.url_file {
        Some(file) => format!("the broker of {}", file.display()),
        None => "the broker".to_owned(),
    };
    if let Err(error) = probes::broker(broker).await {
        findings.push(Finding::new(
            Rank::Blocker,
            place,
            format!("does not answer: {error}"),
            "intake goes on without it, and deliveries go out slowly, straight from the database",
            "start it, or mend `queue.url_file` and `queue.ca_file`",
        ));
    }
    findings
}

fn pair(settings: &Settings) -> Vec<Finding> {
    let (what, why) = match (settings.store.is_server(), settings.queue.is_server()) {
        (true, false) => (
            "PostgreSQL with a queue inside the process",
            "one process has to do everything; roles apart need a broker too",
        ),
        (false, true) => {
            ("RabbitMQ with SQLite", "SQLite has one writer, so the broker carries from a process to itself")
        }
        _ => return Vec::new(),
    };
    let place = settings.file.display().to_string();
    vec![Finding::new(Rank::Note, place, what, why, "leave it so, or set both `url_file`s")]
}
