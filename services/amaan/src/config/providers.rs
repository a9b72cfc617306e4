//! Where agencies' people prove who they are. The names are the operator's, and part of an address that each
//! provider has to know.

use std::collections::BTreeMap;
use std::path::PathBuf;

use casework::AgencyCode;
use serde::Deserialize;
use validator::Validate;

use super::clients::AGENCIES;
use super::concern::{Concern, Faults, held_to_form};
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::web::WebAddress;

const WORD_CHARS_MAX: u64 = 200;

pub const SECTION: Section = Section {
    name: "providers",
    shape: Shape::Named,
    about: "OpenID Connect providers where agencies' people sign in, by authorization code and PKCE. \
            Register the address `<people.url>/desk/callback/NAME` there. Its keys and its token endpoint \
            have to be on the same host and port as the issuer itself. Who is one of its people an agency \
            says (`POST /v1/persons`).",
    keys: &[
        Key {
            name: "issuer",
            kind: Kind::Web,
            fallback: Fallback::Required,
            about: "Its name, exactly as it writes it into ID tokens (`iss`).",
        },
        Key {
            name: "client",
            kind: Kind::Text("1 to 200 characters"),
            fallback: Fallback::Required,
            about: "The hub's name there (`client_id`).",
        },
        Key {
            name: "secret_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Required,
            about: "Holds the hub's secret there, on one line.",
        },
        Key {
            name: "agencies",
            kind: Kind::ManyOf(&AGENCIES),
            fallback: Fallback::Required,
            about: "Whose people sign in there; nobody else's do.",
        },
        Key {
            name: "acr",
            kind: Kind::Text("1 to 200 characters"),
            fallback: Fallback::Absent,
            about: "How people have to prove who they are (`acr`), in the provider's words, if it has \
                    several ways.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub issuer: WebAddress,
    #[validate(length(min = 1, max = WORD_CHARS_MAX))]
    pub client: String,
    pub secret_file: PathBuf,
    pub agencies: Vec<AgencyCode>,
    #[validate(length(min = 1, max = WORD_CHARS_MAX))]
    pub acr: Option<String>,
}

impl Concern for BTreeMap<String, Provider> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        self.iter()
            .flat_map(|(name, held)| held_to_form(&SECTION, &format!("providers.{name}"), held))
            .collect()
    }
}
