//! Whose access tokens are believed.

use serde::Deserialize;
use validator::Validate;

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;
use super::web::WebAddress;

const AUDIENCE_CHARS_MAX: u64 = 200;

pub const SECTION: Section = Section {
    name: "issuers",
    shape: Shape::List,
    about: "OpenID Connect providers whose access tokens (RFC 9068) the hub believes. Their keys have to be \
            served by the same host and port as the issuer itself.",
    keys: &[
        Key {
            name: "issuer",
            kind: Kind::Web,
            fallback: Fallback::Required,
            about: "Its name, exactly as it writes it into tokens (`iss`).",
        },
        Key {
            name: "audience",
            kind: Kind::Text("1 to 200 characters"),
            fallback: Fallback::Required,
            about: "What its tokens for this hub carry as `aud`, alone; best the hub's name.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    pub issuer: WebAddress,
    #[validate(length(min = 1, max = AUDIENCE_CHARS_MAX))]
    pub audience: String,
}

impl Concern for Vec<Issuer> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = Vec::new();
        for (index, issuer) in self.iter().enumerate() {
            let path = format!("issuers[{index}]");
            faults.extend(held_to_form(&SECTION, &path, issuer));
            if self.iter().take(index).any(|before| before.issuer == issuer.issuer) {
                faults.push((format!("{path}.issuer"), named_twice()));
            }
        }
        faults
    }
}

fn named_twice() -> Fault {
    Fault::new(
        "names an issuer that stands in this list already",
        "only one audience can be the right one",
        "remove one of the two",
    )
}
