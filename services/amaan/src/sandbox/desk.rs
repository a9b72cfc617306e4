//! The sandbox's desk: two people of the police sign in at the sandbox's issuer, and somebody whom no agency
//! has named, so that it can be seen what such a one is told. At a provider that is not the sandbox's own it
//! is a client of the same name, if that provider knows it.

use casework::{AgencyCode, Sensitive};
use hub::SessionRules;
use identity::issuer::{People, Person};
use identity::login::Provider;

use super::officers::TokenSource;
use super::people::{OFFICER, SUPERVISOR};
use crate::wiring::DeskParts;

/// The desk's name at the issuer.
pub const CLIENT: &str = "desk";
/// The issuer's name in the desk's addresses.
const PROVIDER: &str = "sandbox";
const RULES: SessionRules = SessionRules { idle_seconds: 15 * 60, absolute_seconds: 12 * 3_600 };

/// Who signs in at the sandbox's own issuer.
pub fn people(api_url: &str, secret: String) -> People {
    let person = |subject: &str, about: &str| Person { subject: subject.to_owned(), about: about.to_owned() };
    People {
        client: CLIENT.to_owned(),
        secret,
        redirect_uri: format!("{api_url}{}/{PROVIDER}", amaan_http::Desk::CALLBACKS),
        people: vec![
            person(OFFICER, "an officer of the ICT Police, who asks for acts that take two"),
            person(SUPERVISOR, "a supervisor of the ICT Police, who decides them"),
            person("a-stranger", "somebody whom no agency has named"),
        ],
    }
}

/// Where people sign in; nowhere, where the provider does not know the desk.
pub fn parts(api_url: &str, tokens: &TokenSource) -> DeskParts {
    let agencies: Vec<AgencyCode> = "ictp".parse().into_iter().collect();
    let provider = tokens.secrets.get(CLIENT).map(|secret| Provider {
        name: PROVIDER.to_owned(),
        issuer: tokens.issuer_url.clone(),
        client: CLIENT.to_owned(),
        secret: Sensitive::new(secret.clone()),
        acr: None,
    });
    let providers = provider.into_iter().map(|provider| (provider, agencies.clone())).collect();
    DeskParts { url: api_url.to_owned(), rules: RULES, providers }
}
