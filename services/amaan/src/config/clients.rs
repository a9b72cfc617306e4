//! The registry: which client of which issuer is whose, and what it may ask for at most. A token can only
//! narrow it; the policies still decide.

use std::sync::LazyLock;

use amaan_http::{Access, ROUTES};
use casework::AgencyCode;
use schemas::Directory;
use serde::Deserialize;
use validator::Validate;

use super::concern::{Concern, Faults, held_to_form};
use super::issuers::Issuer;
use super::key::{Fallback, Key, Kind, Section, Shape, Words};
use super::problem::Fault;

const CLIENT_CHARS_MAX: u64 = 200;

pub const SECTION: Section = Section {
    name: "clients",
    shape: Shape::List,
    about: "Clients the hub knows. Agency and roles come from here, never from a token. A client that is not \
            listed is refused.",
    keys: &[
        Key {
            name: "issuer",
            kind: Kind::Web,
            fallback: Fallback::Required,
            about: "The issuer of its tokens: one of `issuers`.",
        },
        Key {
            name: "client",
            kind: Kind::Text("1 to 200 characters"),
            fallback: Fallback::Required,
            about: "Its name there (`client_id`).",
        },
        Key {
            name: "agency",
            kind: Kind::OneOf(&AGENCIES),
            fallback: Fallback::Required,
            about: "The agency it speaks for; `hub` for the hub's operators.",
        },
        Key {
            name: "roles",
            kind: Kind::ManyOf(&ROLES),
            fallback: Fallback::Required,
            about: "In what roles.",
        },
        Key {
            name: "scopes",
            kind: Kind::ManyOf(&SCOPES),
            fallback: Fallback::Required,
            about: "Scopes its tokens may carry at most.",
        },
    ],
};

pub static AGENCIES: Words =
    Words { one: "agency", listed: "`schemas/codelists/agencies.csv` (in lower case)", all: agencies };
pub static ROLES: Words = Words { one: "role", listed: "`policies/amaan.cedarschema`", all: roles };
pub static SCOPES: Words = Words { one: "scope", listed: "the API's endpoints", all: scopes };

/// `entity Role` of `policies/amaan.cedarschema`; a test compares.
const ROLE_WORDS: [&str; 7] =
    ["system", "caseworker", "supervisor", "agency-admin", "privacy-officer", "analyst", "operator"];

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub issuer: String,
    #[validate(length(min = 1, max = CLIENT_CHARS_MAX))]
    pub client: String,
    pub agency: AgencyCode,
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
}

impl Concern for Vec<Client> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = Vec::new();
        for (index, client) in self.iter().enumerate() {
            let path = format!("clients[{index}]");
            faults.extend(held_to_form(&SECTION, &path, client));
            let same =
                |before: &&Client| (&before.issuer, &before.client) == (&client.issuer, &client.client);
            if self.iter().take(index).any(|before| same(&before)) {
                faults.push((format!("{path}.client"), named_twice()));
            }
        }
        faults
    }
}

/// Clients of an issuer that is not trusted: their tokens would never be believed.
pub fn of_no_issuer(clients: &[Client], issuers: &[Issuer]) -> Faults {
    let trusted = |client: &Client| issuers.iter().any(|issuer| issuer.issuer.as_str() == client.issuer);
    let strange = clients.iter().enumerate().filter(|(_, client)| !trusted(client));
    strange.map(|(index, _)| (format!("clients[{index}].issuer"), no_such_issuer())).collect()
}

fn no_such_issuer() -> Fault {
    Fault::new(
        "is none of the `issuers`",
        "its tokens would never be believed",
        "write it exactly as in `issuers`, or add the issuer there",
    )
}

fn named_twice() -> Fault {
    Fault::new(
        "names a client of this issuer that stands in this list already",
        "it would be unclear which agency and roles it has",
        "remove one of the two",
    )
}

fn agencies() -> &'static [String] {
    static CODES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let directory = Directory::embedded();
        directory
            .map_or_else(|_| Vec::new(), |held| held.agencies().map(|row| row.code.to_string()).collect())
    });
    &CODES
}

fn roles() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| ROLE_WORDS.map(str::to_owned).to_vec());
    &WORDS
}

fn scopes() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let of_route = |access: Access| match access {
            Access::Scope(scopes) => scopes,
            Access::Public | Access::Client => &[],
        };
        let all = ROUTES.iter().flat_map(|route| of_route(route.access)).map(|scope| (*scope).to_owned());
        all.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    });
    &WORDS
}
