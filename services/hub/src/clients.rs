//! The registry: which agency and roles an (issuer, client) has. Never a token's own claim. What a client may
//! ask for at most stands here too; a token can only narrow it.

use std::collections::BTreeMap;

use casework::{AgencyCode, Caller, Person, Pseudonym, Via};
use identity::{SigningKeys, Verified};

use crate::{Hub, HubError};

/// One registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its agency.
    pub agency: AgencyCode,
    /// Its roles.
    pub roles: Vec<String>,
    /// Scopes it may hold at most.
    pub scopes: Vec<String>,
}

/// All registered clients, the issuers whose people sign in, and the keys that agencies sign messages with.
#[derive(Debug, Clone, Default)]
pub struct Clients(BTreeMap<(String, String), Client>, Vec<String>, BTreeMap<AgencyCode, SigningKeys>);

impl Clients {
    /// A registry of these (issuer, client) pairs.
    #[must_use]
    pub fn new(clients: impl IntoIterator<Item = ((String, String), Client)>) -> Self {
        Self(clients.into_iter().collect(), Vec::new(), BTreeMap::new())
    }

    /// The same, and people who sign in at these issuers.
    #[must_use]
    pub fn and_people_of(self, issuers: impl IntoIterator<Item = String>) -> Self {
        Self(self.0, issuers.into_iter().collect(), self.2)
    }

    /// The same, and agencies that sign what their systems send.
    #[must_use]
    pub fn and_signing(self, keys: BTreeMap<AgencyCode, SigningKeys>) -> Self {
        Self(self.0, self.1, keys)
    }

    /// The keys of an agency that signs.
    pub(crate) fn signing_keys(&self, agency: &AgencyCode) -> Option<&SigningKeys> {
        self.2.get(agency)
    }

    /// The issuers of these clients and people, each once.
    pub(crate) fn issuers(&self) -> Vec<&str> {
        let clients = self.0.keys().map(|(issuer, _)| issuer.as_str());
        let all: std::collections::BTreeSet<&str> =
            clients.chain(self.1.iter().map(String::as_str)).collect();
        all.into_iter().collect()
    }

    /// All of them, by issuer and client.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&(String, String), &Client)> {
        self.0.iter()
    }

    fn find(&self, verified: &Verified) -> Option<&Client> {
        self.0.get(&(verified.issuer.clone(), verified.client.clone()))
    }
}

impl Hub {
    /// Who a verified token speaks for.
    ///
    /// # Errors
    /// `None` where the registry does not know the client, or the person may not act any more; a store error
    /// where its pseudonym cannot be kept.
    pub async fn caller(&self, verified: &Verified) -> Result<Option<Caller>, HubError> {
        let Some(client) = self.clients.find(verified) else { return Ok(None) };
        let person = self.person_behind(client, verified).await?;
        if person.as_ref().is_some_and(|person| !person.active) {
            return Ok(None);
        }
        let (actor, roles) = match person {
            // The person's roles take the place of the client's; its scopes stay the bound.
            Some(person) => (person.id, person.roles.iter().map(ToString::to_string).collect()),
            None => {
                let label = format!("{}|{}", verified.issuer, verified.client);
                (self.pseudonym(label).await?, client.roles.clone())
            }
        };
        let scopes = verified.scopes.iter().filter(|scope| client.scopes.contains(scope)).cloned().collect();
        Ok(Some(Caller {
            agency: client.agency.clone(),
            actor,
            via: Via::Api,
            roles,
            scopes,
            client: verified.client.clone(),
        }))
    }

    /// Where a client's token speaks for a person whom the agency has named: did that person just sign in? A
    /// client that acts for itself signs nobody in, whatever its issuer writes into `sub`, and whether or not
    /// the agency has named it as one of its people.
    ///
    /// # Errors
    /// `step-up-required` where that was more than five minutes ago, or the token does not say when.
    pub async fn person_is_fresh(&self, verified: &Verified) -> Result<(), HubError> {
        let Some(client) = self.clients.find(verified) else { return Ok(()) };
        match self.person_behind(client, verified).await? {
            Some(_) if verified.subject != verified.client => self.signed_in_just_now(verified.auth_time),
            _ => Ok(()),
        }
    }

    /// The person of the client's agency that a token speaks for; none where the agency has not said so. Each
    /// agency's people are its own: what another agency says of the same subject counts nothing here.
    async fn person_behind(&self, client: &Client, verified: &Verified) -> Result<Option<Person>, HubError> {
        if !self.has_people(&client.agency).await? {
            return Ok(None);
        }
        let id = self.person_id(&client.agency, &verified.issuer, &verified.subject).await?;
        self.who_acts(id).await
    }

    /// The stand-in of a person.
    pub(crate) async fn person_id(
        &self,
        agency: &AgencyCode,
        issuer: &str,
        subject: &str,
    ) -> Result<Pseudonym, HubError> {
        self.pseudonym(person_label(agency, issuer, subject)).await
    }

    /// The caller that an adapter's run acts as: its agency's own system.
    pub(crate) async fn adapter_caller(&self, agency: &AgencyCode) -> Result<Caller, HubError> {
        Ok(Caller {
            agency: agency.clone(),
            actor: self.pseudonym(format!("adapter|{agency}")).await?,
            via: Via::Adapter,
            roles: vec!["system".to_owned()],
            scopes: Vec::new(),
            client: format!("adapter-{agency}"),
        })
    }

    pub(crate) async fn pseudonym(&self, label: String) -> Result<Pseudonym, HubError> {
        if let Some(known) = self.known.get(&label) {
            return Ok(known);
        }
        let found = self.store.pseudonym(label.clone()).await?;
        self.known.put(label, found);
        Ok(found)
    }
}

/// What the stand-in of a person stands for. Erasable.
pub(crate) fn person_label(agency: &AgencyCode, issuer: &str, subject: &str) -> String {
    format!("person|{agency}|{issuer}|{subject}")
}

/// Pseudonyms seen by this process, so that most calls need no write.
#[derive(Debug, Default)]
pub struct Known(std::sync::RwLock<BTreeMap<String, Pseudonym>>);

/// Labels kept at most.
const KNOWN_MAX: usize = 10_000;

impl Known {
    fn get(&self, label: &str) -> Option<Pseudonym> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(label).copied()
    }
    fn put(&self, label: String, pseudonym: Pseudonym) {
        let mut known = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(label, pseudonym);
    }
}
