//! The hub itself: its name, where its data lies, where its API listens.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;

const NAME_CHARS_MIN: u64 = 3;
const NAME_CHARS_MAX: u64 = 100;

pub const SECTION: Section = Section {
    name: "hub",
    shape: Shape::One,
    about: "The hub itself.",
    keys: &[
        Key {
            name: "name",
            kind: Kind::Text("3 to 100 of lower-case letters, digits, `.`, `-` and `/`"),
            fallback: Fallback::Required,
            about: "Its name, for example `amaan.example.org`: the ledger's origin, and part of what every \
                    body is sealed with. It never changes once there is data.",
        },
        Key {
            name: "data",
            kind: Kind::Folder,
            fallback: Fallback::Text("data"),
            about: "The folder of the store. Made if it is missing.",
        },
        Key {
            name: "listen",
            kind: Kind::Listen,
            fallback: Fallback::Text("127.0.0.1:8400"),
            about: "Where the API listens. Off loopback only with TLS (`tls`), and then a system's token is \
                    good only beside the client certificate it is bound to.",
        },
        Key {
            name: "public_url",
            kind: Kind::Text("a web address without a path"),
            fallback: Fallback::Absent,
            about: "The address by which callers reach the API, for example `https://hub.example.org`: what \
                    problems and descriptions name. Absent: made of `hub.listen`.",
        },
        Key {
            name: "metrics_listen",
            kind: Kind::Listen,
            fallback: Fallback::Absent,
            about: "Where `/metrics` is served, and nothing else, in clear: for example `127.0.0.1:9464`, or \
                    an address that only those who watch over the hub reach. Absent: beside the API while \
                    that listens on loopback only and `hub.public_url` and `people.url` name no other \
                    machine, and nowhere otherwise, since metrics tell of alarms.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    #[validate(length(min = NAME_CHARS_MIN, max = NAME_CHARS_MAX), custom(function = "is_name"))]
    pub name: String,
    pub data: PathBuf,
    pub listen: SocketAddr,
    #[validate(custom(function = "is_origin"))]
    pub public_url: Option<String>,
    pub metrics_listen: Option<SocketAddr>,
}

impl Concern for Hub {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = held_to_form(&SECTION, SECTION.name, self);
        if self.name == crate::sandbox::NAME {
            let fault = Fault::new(
                "is the sandbox's name",
                "receipts of invented children and of real ones would bear one name",
                "give the hub a name of its own",
            );
            faults.push(("hub.name".to_owned(), fault));
        }
        if self.metrics_listen.is_some_and(|at| at == self.listen && at.port() != 0) {
            let fault = Fault::new(
                "is the address of `hub.listen`",
                "one listener cannot be the other, and this one is in clear and asks nobody who it is",
                "give it a port of its own, or leave it out",
            );
            faults.push(("hub.metrics_listen".to_owned(), fault));
        }
        faults
    }
}

/// Scheme, host and port, as a browser would write an origin.
fn is_origin(text: &str) -> Result<(), ValidationError> {
    let parsed: Option<egress::Url> = text.parse().ok();
    let web = parsed.filter(|url| matches!(url.scheme(), "http" | "https"));
    let plain = web.is_some_and(|url| url.origin().ascii_serialization() == text);
    if plain { Ok(()) } else { Err(ValidationError::new("public_url")) }
}

/// C2SP signed-note: a name has no spaces and no `+`; ours are plainer still.
fn is_name(name: &str) -> Result<(), ValidationError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'/');
    let plain = name.bytes().all(allowed) && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if plain { Ok(()) } else { Err(ValidationError::new("name")) }
}
