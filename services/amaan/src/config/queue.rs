//! What carries messages from the relay to the workers: a queue inside the process, or RabbitMQ. The database
//! stays the truth with either; whatever a queue loses is handed over again.

use std::path::PathBuf;

use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Bounds, Fallback, Key, Kind, Section, Shape};
use super::store::without_server;

/// Below five seconds a probe is noise; after ten minutes nobody would call it a warning.
const CANARY_SECONDS: Bounds = Bounds { min: 5, max: 600 };
const PREFIX_CHARS_MAX: u64 = 40;
/// Below that a short rush waits in the database; above it a broker's memory is somebody else's problem.
const LENGTH_MAX: Bounds = Bounds { min: 64, max: 1_000_000 };

pub const SECTION: Section = Section {
    name: "queue",
    shape: Shape::One,
    about: "What carries messages to the workers. Without `url_file` a queue inside the process; with it, \
            RabbitMQ. Either goes with either store; roles apart (`serve --role`) need PostgreSQL and \
            RabbitMQ both.",
    keys: &[
        Key {
            name: "url_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "Holds the broker's URL on one line: `amqps://user:password@host/vhost`. Plain `amqp` \
                    only on loopback.",
        },
        Key {
            name: "ca_file",
            kind: Kind::File,
            fallback: Fallback::Absent,
            about: "Certificates (PEM) of the authorities that may have signed the broker's own. Without it \
                    the machine's own authorities are believed.",
        },
        Key {
            name: "prefix",
            kind: Kind::Text("1 to 40 of lower-case letters, digits, `.` and `-`"),
            fallback: Fallback::Text("amaan"),
            about: "Names of exchange and queues begin with it. Processes on one store share it; hubs on \
                    different stores must not.",
        },
        Key {
            name: "length_max",
            kind: Kind::Number(LENGTH_MAX),
            fallback: Fallback::Number(2_048),
            about: "Messages that one agency's queue holds at the broker; what is more waits in the \
                    database. The broker refuses to change it for a queue that is there: delete the \
                    queue first, or choose another prefix.",
        },
        Key {
            name: "canary_every_seconds",
            kind: Kind::Number(CANARY_SECONDS),
            fallback: Fallback::Number(30),
            about: "Between two messages that the hub sends itself through the broker, to see that it \
                    carries.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub url_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    #[validate(length(min = 1, max = PREFIX_CHARS_MAX), custom(function = "is_prefix"))]
    pub prefix: String,
    #[validate(range(min = CANARY_SECONDS.min, max = CANARY_SECONDS.max))]
    pub canary_every_seconds: u64,
    #[validate(range(min = LENGTH_MAX.min, max = LENGTH_MAX.max))]
    pub length_max: u64,
}

impl Queue {
    /// RabbitMQ?
    pub const fn is_server(&self) -> bool {
        self.url_file.is_some()
    }
}

impl Concern for Queue {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = held_to_form(&SECTION, SECTION.name, self);
        if self.url_file.is_none() && self.ca_file.is_some() {
            faults.push(("queue.ca_file".to_owned(), without_server("queue.url_file")));
        }
        faults
    }
}

fn is_prefix(prefix: &str) -> Result<(), ValidationError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    let plain = prefix.bytes().all(allowed) && prefix.starts_with(|c: char| c.is_ascii_lowercase());
    if plain { Ok(()) } else { Err(ValidationError::new("prefix")) }
}
