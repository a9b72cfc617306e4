//! Where the hub keeps what it knows: SQLite in `hub.data`, or two databases of a PostgreSQL server. The URLs
//! hold passwords, so only the files that hold them are named here; `servers.rs` reads and judges them.

use std::path::PathBuf;

use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;

pub const SECTION: Section = Section {
    name: "store",
    shape: Shape::One,
    about: "Where the hub keeps what it knows. Without `url_file` it is SQLite in `hub.data`, written by one \
            process. With it, PostgreSQL, on which several may write; `hub.data` then keeps only each \
            process's newest checkpoint.",
    keys: &[
        Key {
            name: "url_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "Holds the main database's URL on one line: `postgresql://user:password@host/database`. \
                    Of parameters only `host` (a socket's folder) and `sslmode=require` are taken.",
        },
        Key {
            name: "keys_url_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "The same for the database of case keys. It has to be another database, best on another \
                    server with copies kept apart.",
        },
        Key {
            name: "ca_file",
            kind: Kind::File,
            fallback: Fallback::Absent,
            about: "Certificates (PEM) of the authorities that may have signed the servers' own; for a \
                    public authority the machine's bundle. Required off loopback: then TLS is used and \
                    checked.",
        },
    ],
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub url_file: Option<PathBuf>,
    pub keys_url_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
}

impl Store {
    /// PostgreSQL?
    pub const fn is_server(&self) -> bool {
        self.url_file.is_some()
    }
}

impl Concern for Store {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let fault = |key: &str, fault| vec![(format!("store.{key}"), fault)];
        match (&self.url_file, &self.keys_url_file) {
            (Some(_), None) => fault("keys_url_file", half("store.url_file")),
            (None, Some(_)) => fault("url_file", half("store.keys_url_file")),
            (Some(main), Some(keys)) if main == keys => fault("keys_url_file", one_database()),
            (None, None) if self.ca_file.is_some() => fault("ca_file", without_server("store.url_file")),
            _ => Vec::new(),
        }
    }
}

fn half(other: &str) -> Fault {
    Fault::new(
        format!("is missing beside `{other}`"),
        "on PostgreSQL there are two databases: facts in one, case keys in the other",
        format!("name the file with its URL, or leave `{other}` out for SQLite"),
    )
}

/// Also where two files lead to one database.
pub fn one_database() -> Fault {
    Fault::new(
        "leads to the same database as `store.url_file`",
        "keys beside what they seal protect nothing: one copy of that database would open every body",
        "make a second database for keys, and name a file with its URL",
    )
}

/// A certificate for a server that is not there.
pub fn without_server(url_file: &str) -> Fault {
    Fault::new(
        "stands without a server",
        "nothing would be checked with it",
        format!("name the file with the server's URL in `{url_file}`, or leave this out"),
    )
}
