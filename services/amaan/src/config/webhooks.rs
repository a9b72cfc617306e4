//! Where agencies want events posted to. The names are the operator's; each is a webhook's name for good: its
//! place in the list of events is kept under it, and its key is made from it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use casework::AgencyCode;
use hub::EVENT_TYPES;
use serde::Deserialize;

use super::clients::AGENCIES;
use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape, Words};
use super::problem::Fault;
use super::web::WebAddress;

pub const SECTION: Section = Section {
    name: "webhooks",
    shape: Shape::Named,
    about: "Where agencies' events are posted to, signed by the Standard Webhooks specification. A new one \
            begins with what happens from then on. How far each has come, and its \
            public key: `GET /v1/webhooks`.",
    keys: &[
        Key {
            name: "agency",
            kind: Kind::OneOf(&AGENCIES),
            fallback: Fallback::Required,
            about: "Whose events.",
        },
        Key { name: "url", kind: Kind::Web, fallback: Fallback::Required, about: "Where they go." },
        Key {
            name: "types",
            kind: Kind::ManyOf(&TYPES),
            fallback: Fallback::Absent,
            about: "Only events of these types; of all where absent.",
        },
        Key {
            name: "signature",
            kind: Kind::OneOf(&SIGNATURES),
            fallback: Fallback::Text(V1A),
            about: "`v1a` signs with a key of the hub's, made from the root key, and shows its public half; \
                    `v1` with a secret that both sides hold.",
        },
        Key {
            name: "secret_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "For `v1`: holds the secret, `whsec_` and the base64 of 24 to 64 random bytes, on one \
                    line.",
        },
    ],
};

const V1A: &str = "v1a";
const V1: &str = "v1";

pub static TYPES: Words = Words { one: "event type", listed: "`/asyncapi.json`", all: types };
pub static SIGNATURES: Words =
    Words { one: "signature", listed: "the Standard Webhooks specification", all: signatures };

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    pub agency: AgencyCode,
    pub url: WebAddress,
    #[serde(default)]
    pub types: Vec<String>,
    #[serde(default = "v1a")]
    pub signature: String,
    pub secret_file: Option<PathBuf>,
}

impl Concern for BTreeMap<String, Webhook> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let fault = |(name, webhook): (&String, &Webhook)| {
            let path = format!("webhooks.{name}.secret_file");
            match (webhook.signature.as_str(), &webhook.secret_file) {
                (V1, None) => Some((path, lacks_secret())),
                (V1A, Some(_)) => Some((path, needs_no_secret())),
                _ => None,
            }
        };
        self.iter().filter_map(fault).collect()
    }
}

fn lacks_secret() -> Fault {
    Fault::new(
        "is missing",
        "`v1` signs with a secret that the receiver holds too",
        "write `secret_file = ...`, or `signature = \"v1a\"`",
    )
}

fn needs_no_secret() -> Fault {
    Fault::new(
        "is not used",
        "`v1a` signs with a key that the hub makes from its root key",
        "leave it out, or write `signature = \"v1\"`",
    )
}

fn v1a() -> String {
    V1A.to_owned()
}

fn types() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> =
        LazyLock::new(|| EVENT_TYPES.iter().map(|kind| kind.name.to_owned()).collect());
    &WORDS
}

fn signatures() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| [V1A, V1].map(str::to_owned).to_vec());
    &WORDS
}
