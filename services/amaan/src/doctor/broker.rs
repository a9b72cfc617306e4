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
    let plain_is_meant = broker.url.starts_with("amqp://");
    let mut find = |rank, what: String, why: &str, fix: &str| {
        findings.push(Finding::new(rank, place.clone(), what, why, fix));
    };
    match probes::broker(broker).await {
        Err(error) => find(
            Rank::Blocker,
            format!("does not answer: {error}"),
            "intake goes on without it, but nothing is delivered",
            "start it, or mend `queue.url_file` and `queue.ca_file`",
        ),
        Ok(probe) => {
            if !probe.quorum_queues {
                let what = format!("is {}, which has no quorum queues", probe.version);
                find(
                    Rank::Blocker,
                    what,
                    "other queues lose messages with their node",
                    "use RabbitMQ 3.10 or newer",
                );
            }
            if !probe.tls && !plain_is_meant {
                let what = "is reached in clear".to_owned();
                find(
                    Rank::Blocker,
                    what,
                    "the password crosses the network in clear",
                    "write `amqps` in its URL",
                );
            }
            if probe.blocked {
                let what = "takes no messages: it is short of memory or disk".to_owned();
                find(Rank::Warning, what, "deliveries wait in the database until it does", "give it room");
            }
        }
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
