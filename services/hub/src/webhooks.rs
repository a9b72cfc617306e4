//! Webhooks: events of one agency, posted to an address of its own, signed by the Standard Webhooks
//! specification. Which there are stands in the configuration; how far each has come, in the store. Here an
//! agency sees its own, tries one, and has one begin again; `send.rs` sends.

mod send;

use std::time::Duration;

use casework::{AgencyCode, Caller, Condition, IncidentTurn, TimeSource, Timestamp, Via};
use egress::{Client, Url};
use policies::Act;
use seal::WebhookKey;
use serde::Serialize;
use store::WebhookState;

use crate::error::not_found;
use crate::events::{EVENT_TYPES, test_event};
use crate::permits::ask;
use crate::{Hub, HubError, Key};

/// The role that sees every agency's webhooks.
const OPERATOR: &str = "operator";
/// After each failed try, how long until the next (the specification's own proposal); after the last one the
/// webhook is disabled, some three days after the first.
const SCHEDULE: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(5 * 3_600),
    Duration::from_secs(10 * 3_600),
    Duration::from_secs(14 * 3_600),
    Duration::from_secs(20 * 3_600),
    Duration::from_secs(24 * 3_600),
];

/// One webhook of the configuration.
#[derive(Debug)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// Whose events.
    pub agency: AgencyCode,
    /// Where they go.
    pub url: Url,
    /// Only these types; all where empty.
    pub types: Vec<String>,
    /// What signs them.
    pub key: WebhookKey,
}

/// All of them, and what they are called with.
pub struct Webhooks {
    /// They.
    pub all: Vec<Webhook>,
    /// The way out, which allows their addresses; none where there are no webhooks.
    pub http: Option<Client>,
    /// Between tries.
    pub schedule: Vec<Duration>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { all: Vec::new(), http: None, schedule: SCHEDULE.to_vec() }
    }
}

impl Webhooks {
    /// These, called by this client.
    #[must_use]
    pub fn new(all: Vec<Webhook>, http: Client) -> Self {
        Self { all, http: Some(http), ..Self::default() }
    }

    fn find(&self, name: &str) -> Option<&Webhook> {
        self.all.iter().find(|webhook| webhook.name == name)
    }
}

impl Webhook {
    fn wants(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| wanted == kind)
    }
}

/// A webhook as its agency sees it.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookView {
    /// Its name.
    pub name: String,
    /// Whose events.
    pub agency: AgencyCode,
    /// Where they go.
    pub url: String,
    /// Which types.
    pub types: Vec<String>,
    /// `v1a` or `v1`.
    pub signature: &'static str,
    /// What `v1a` signatures are checked with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The last entry that is behind it: what `replay` would go on after.
    pub after: Option<u64>,
    /// Failed tries of the event after it.
    pub tries: u32,
    /// When it is tried again, RFC 3339, real time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try: Option<String>,
    /// Since when nothing is sent any more, until `replay`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_since: Option<String>,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What came of a trial.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookTried {
    /// Did it answer with a status from 200 to 299?
    pub delivered: bool,
    /// Its event's id.
    pub id: String,
    /// Why not, if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Hub {
    /// The webhooks of the caller's agency; an operator sees all.
    ///
    /// # Errors
    /// Where policies are in doubt or the store fails.
    pub async fn list_webhooks(&self, caller: &Caller) -> Result<Vec<WebhookView>, HubError> {
        self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let mut views = Vec::new();
        for webhook in self.webhooks.all.iter().filter(|webhook| manages(caller, webhook)) {
            views.push(view(webhook, &self.store.webhook(&webhook.name).await?));
        }
        Ok(views)
    }

    /// Enables a webhook and lets it go on after an entry; from the ledger's beginning where none is named.
    /// Naming the place, it may be repeated.
    ///
    /// # Errors
    /// `not-found` where it is not the caller's.
    pub async fn replay_webhook(
        &self,
        caller: &Caller,
        name: &str,
        after: Option<u64>,
    ) -> Result<WebhookView, HubError> {
        let webhook = self.own_webhook(caller, name)?;
        let passed = after.map_or(0, |after| after.saturating_add(1));
        let state = self.store.restart_webhook(name, passed).await?;
        let (agency, part) = (&webhook.agency, name.parse().ok());
        self.incident(Condition::WebhookDisabled, agency, part, IncidentTurn::Recover).await;
        tracing::info!(webhook = name, passed, "a webhook begins again");
        Ok(view(webhook, &state))
    }

    /// Sends an event that tells nothing, at once and once. The same key gives it the same id.
    ///
    /// # Errors
    /// `not-found` where it is not the caller's.
    pub async fn try_webhook(
        &self,
        caller: &Caller,
        name: &str,
        key: &Key,
    ) -> Result<WebhookTried, HubError> {
        let webhook = self.own_webhook(caller, name)?;
        let unique =
            hex::encode(seal::sha256(format!("{}|{name}|{}", caller.client, key.as_str()).as_bytes()));
        let unique: String = unique.chars().take(32).collect();
        let event = test_event(&self.name, name, &unique, self.store.clock().now())?;
        let problem = self.post(webhook, &event).await.err().map(|failed| failed.to_string());
        Ok(WebhookTried { delivered: problem.is_none(), id: event.id, problem })
    }

    fn own_webhook(&self, caller: &Caller, name: &str) -> Result<&Webhook, HubError> {
        let webhook = self.webhooks.find(name).filter(|webhook| manages(caller, webhook));
        let webhook = webhook.ok_or_else(not_found)?;
        self.permit(&ask(caller, Act::ManageDelivery, None))?;
        Ok(webhook)
    }

    /// As whom a webhook reads: its agency's own system.
    async fn webhook_caller(&self, webhook: &Webhook) -> Result<Caller, HubError> {
        let label = format!("webhook|{}|{}", webhook.agency, webhook.name);
        Ok(Caller {
            agency: webhook.agency.clone(),
            actor: self.pseudonym(label).await?,
            via: Via::Hub,
            roles: vec!["system".to_owned()],
            scopes: Vec::new(),
            client: format!("webhook-{}", webhook.name),
        })
    }
}

fn manages(caller: &Caller, webhook: &Webhook) -> bool {
    webhook.agency == caller.agency || caller.has_role(OPERATOR)
}

fn view(webhook: &Webhook, state: &WebhookState) -> WebhookView {
    let all = || EVENT_TYPES.iter().map(|kind| kind.name.to_owned()).collect();
    let waits = state.tries > 0 && state.disabled_since.is_none();
    let time = |at: Timestamp| at.to_string();
    WebhookView {
        name: webhook.name.clone(),
        agency: webhook.agency.clone(),
        url: webhook.url.to_string(),
        types: if webhook.types.is_empty() { all() } else { webhook.types.clone() },
        signature: webhook.key.scheme(),
        public_key: webhook.key.public(),
        after: state.passed.checked_sub(1),
        tries: state.tries,
        next_try: waits.then(|| time(state.next_try)),
        disabled_since: state.disabled_since.map(time),
        problem: state.problem.clone(),
    }
}
