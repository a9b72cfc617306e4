//! TLS of the API's own address, and when there has to be some.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::hub::Hub;
use super::key::{Fallback, Key, Kind, Section, Shape, Words};
use super::problem::Fault;

const REQUIRED: &str = "required";
const OPTIONAL: &str = "optional";

pub const SECTION: Section = Section {
    name: "tls",
    shape: Shape::One,
    about: "TLS of the API's own address. Its files are looked at every second: what replaces them comes \
            into force without a restart, or is refused whole and the old stay in force.",
    keys: &[
        Key {
            name: "certificate_file",
            kind: Kind::File,
            fallback: Fallback::Absent,
            about: "The API's certificate (PEM), then those between it and its authority. Absent: no TLS, on \
                    loopback only.",
        },
        Key {
            name: "key_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "The certificate's private key (PEM).",
        },
        Key {
            name: "client_ca_file",
            kind: Kind::File,
            fallback: Fallback::Absent,
            about: "Certificates (PEM) of the authorities that may have signed agencies' client \
                    certificates. Required off loopback: there a token is good only beside the certificate \
                    it is bound to (RFC 8705).",
        },
        Key {
            name: "client_crl_file",
            kind: Kind::File,
            fallback: Fallback::Absent,
            about: "Lists (PEM) of client certificates that these authorities have revoked.",
        },
        Key {
            name: "client_certificates",
            kind: Kind::OneOf(&WISHES),
            fallback: Fallback::Text(OPTIONAL),
            about: "`required`: whoever shows no client certificate is not even heard, people's browsers \
                    among them. `optional`: pages and descriptions are for all, and a token bound to a \
                    certificate still needs it.",
        },
    ],
};

static WISHES: Words = Words { one: "word for client certificates", listed: "this list", all: wishes };

fn wishes() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| vec![OPTIONAL.to_owned(), REQUIRED.to_owned()]);
    &WORDS
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub client_ca_file: Option<PathBuf>,
    pub client_crl_file: Option<PathBuf>,
    pub client_certificates: String,
}

impl Tls {
    pub fn required(&self) -> bool {
        self.client_certificates == REQUIRED
    }

    /// Every file, for paths.
    pub fn files_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [&mut self.certificate_file, &mut self.key_file, &mut self.client_ca_file, &mut self.client_crl_file]
            .into_iter()
            .flatten()
    }
}

impl Concern for Tls {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let fault = |key: &str, fault| (format!("tls.{key}"), fault);
        let mut faults = Vec::new();
        match (&self.certificate_file, &self.key_file) {
            (Some(_), None) => faults.push(fault("key_file", half("certificate_file"))),
            (None, Some(_)) => faults.push(fault("certificate_file", half("key_file"))),
            (None, None) if self.client_ca_file.is_some() => {
                faults.push(fault("certificate_file", half("client_ca_file")));
            }
            _ => {}
        }
        if self.client_ca_file.is_none() && self.client_crl_file.is_some() {
            faults.push(fault("client_ca_file", half("client_crl_file")));
        }
        if self.client_ca_file.is_none() && self.required() {
            faults.push(fault("client_ca_file", half("client_certificates")));
        }
        faults
    }
}

fn half(other: &str) -> Fault {
    Fault::new(
        format!("is missing beside `tls.{other}`"),
        "one is of no use without the other",
        format!("name the file, or leave `tls.{other}` out"),
    )
}

/// What is wrong with listening where other machines reach it.
pub fn off_loopback(hub: &Hub, tls: &Tls) -> Faults {
    if hub.listen.ip().is_loopback() {
        return Vec::new();
    }
    if tls.certificate_file.is_none() {
        let why = "what agencies say of children, and the tokens they say it with, would cross the network \
                   in clear";
        let fix = "listen on `127.0.0.1` or `[::1]`, or set `tls.certificate_file`, `tls.key_file` and \
                   `tls.client_ca_file`";
        return vec![("hub.listen".to_owned(), Fault::new("is off loopback without TLS", why, fix))];
    }
    let mut faults = Vec::new();
    if tls.client_ca_file.is_none() {
        let why = "off loopback a token is good only beside the client certificate it is bound to, and \
                   without authorities no such certificate is believed";
        let fix = "name the file of the authorities that sign agencies' client certificates";
        faults.push(("tls.client_ca_file".to_owned(), Fault::new("is missing", why, fix)));
    }
    if hub.listen.ip().is_unspecified() && hub.public_url.is_none() {
        let why = "`hub.listen` names every address of this machine, and no caller can use that as one";
        let fix = "write the address that agencies call, for example `https://hub.example.org`";
        faults.push(("hub.public_url".to_owned(), Fault::new("is missing", why, fix)));
    }
    faults
}
