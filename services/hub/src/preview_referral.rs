//! A sender looks at what each recipient would get, before anything is sent: the same check, routes, permits
//! and cut as a submission and its hand-over, and nothing is stored. It shows the caller its own message
//! only, so it is no look that is entered; a refusal is entered like any other.
//!
//! Words that stand for a value are shown as zeros: a sender that could fetch them would hold the recipient's
//! dictionary.

use std::collections::BTreeMap;

use casework::{
    AgencyCode, Caller, Categories, Category, Code, Document, MessageKind, Priority, TimeSource, Timestamp,
    Way,
};
use policies::{Act, Ask, Decision, Mask};
use schemas::messages::{RecipientView, RequestView};
use schemas::{Checked, Route};
use serde::Serialize;
use serde_json::Value;

use crate::cut_down::{Cut, Sight, Why, shown_to_caller};
use crate::permits::{Admission, ask};
use crate::{Hub, HubError};

/// Stands for every word of a preview.
pub const NO_WORD: &str = "pn_00000000000000000000000000000000";

/// What the hub draws or writes beside the message once it is sent.
const DRAWN: &[&str] = &["delivery", "referral", "case", "reference", "sent_at"];

/// What would become of a request. No `Debug`: it is about a child.
#[derive(Serialize)]
pub struct Preview {
    /// The message's schema, `referral.request/v1`.
    pub schema: String,
    /// The policies that were asked.
    pub policy_set: String,
    /// As of when, RFC 3339: mandates, agreements and ages move.
    pub as_of: String,
    /// One per recipient, in the message's order.
    pub recipients: Vec<Previewed>,
}

/// What one recipient would get.
#[derive(Serialize)]
pub struct Previewed {
    /// Who gets it.
    pub to: AgencyCode,
    /// Whom the sender addressed, where the mandate lies with another today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addressed: Option<AgencyCode>,
    /// The mandate that routes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Code>,
    /// Whether policy lets this agency be given it at all; if not, the delivery comes to rest as refused.
    pub may_receive: bool,
    /// What the hub says beside the message.
    pub beside: Beside,
    /// The message, minimised.
    #[serde(serialize_with = "shown_to_caller")]
    pub message: Document,
    /// Every field that was sent, and what becomes of it.
    pub fields: Vec<Field>,
}

/// What stands in the delivery beside the message.
#[derive(Debug, Serialize)]
pub struct Beside {
    /// The kind of message.
    pub message: &'static str,
    /// The version of its schema.
    pub version: u16,
    /// The sender.
    pub from: AgencyCode,
    /// The service asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// Categories of which the recipient is told that it does not see them.
    pub withheld: Categories,
    /// Categories of which it is told that it sees them less exactly.
    pub reduced: Categories,
    /// What else stands there, once it is sent.
    pub drawn_when_sent: &'static [&'static str],
}

/// One field.
#[derive(Debug, Serialize)]
pub struct Field {
    /// JSON Pointer into the message as sent.
    pub pointer: String,
    /// Its category.
    pub category: Category,
    /// What becomes of it.
    pub becomes: Becomes,
    /// Where it stands then, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why.
    pub because: Because,
    /// The policies behind that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Named>,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Becomes {
    /// It arrives as it was sent.
    Kept,
    /// It arrives coarser.
    Generalised,
    /// A word arrives in its place.
    Pseudonymised,
    /// It does not arrive.
    Removed,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// These policies give it so.
    Policy,
    /// No policy gives this recipient the category.
    NoPolicy,
    /// These policies forbid it.
    Forbidden,
    /// These policies give a coarser form or a word only, and the schema has none for this field.
    NoCoarserForm,
    /// The child or its guardian asked to withhold the category.
    AskedToWithhold,
    /// A recipient is told neither of the others nor of what the child asked.
    NotForRecipients,
}

/// A policy, as a person may look it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What it says.
    pub title: String,
}

impl Hub {
    /// What each recipient would get of a `referral.request`.
    ///
    /// # Errors
    /// As a submission of the same message.
    pub fn preview_referral(&self, caller: &Caller, bytes: &[u8]) -> Result<Preview, HubError> {
        let (message, request, routes, admission) = self.look_at(caller, bytes)?.into_parts();
        let Admission::Permitted(permit) = admission else {
            return Err(HubError::InDoubt("the policies cannot be asked; it is logged as an alarm"));
        };
        let now = self.store.now();
        let pairs = routes.iter().zip(&request.recipients);
        let one = |(route, asked)| self.previewed(caller, &message, &request, route, asked, now);
        Ok(Preview {
            schema: format!("{}/v{}", message.kind, message.version),
            policy_set: permit.policy_set,
            as_of: now.to_string(),
            recipients: pairs.map(one).collect::<Result<_, _>>()?,
        })
    }

    fn previewed(
        &self,
        caller: &Caller,
        message: &Checked,
        request: &RequestView,
        route: &Route,
        asked: &RecipientView,
        now: Timestamp,
    ) -> Result<Previewed, HubError> {
        let sight = Sight {
            recipient: &route.to,
            sender: &caller.agency,
            message: message.kind,
            service: &asked.service,
            purpose: &request.purpose,
            basis: &request.basis,
            urgency: request.priority,
            addressed: route.rerouted.then_some(&route.addressed),
            referred: now,
        };
        let cut = self.cut_with(message, &sight, &|_, _| NO_WORD.to_owned())?;
        let fields = self.fields(message, &sight, &cut);
        let Cut { value, reduced, withheld, .. } = cut;
        Ok(Previewed {
            may_receive: self.could_receive(caller, request, route, asked)?,
            beside: Beside {
                message: message.kind.schema_name(),
                version: message.version,
                from: caller.agency.clone(),
                service: asked.service.clone(),
                priority: request.priority,
                withheld,
                reduced,
                drawn_when_sent: DRAWN,
            },
            to: route.to.clone(),
            addressed: route.rerouted.then(|| route.addressed.clone()),
            mandate: route.mandate.clone(),
            message: value,
            fields,
        })
    }

    /// The question that hand-over will put.
    fn could_receive(
        &self,
        caller: &Caller,
        request: &RequestView,
        route: &Route,
        asked: &RecipientView,
    ) -> Result<bool, HubError> {
        let question = Ask {
            agency: route.to.clone(),
            roles: vec!["system".to_owned()],
            message: Some(MessageKind::Request),
            service: Some(asked.service.clone()),
            purpose: Some(request.purpose.clone()),
            basis: Some(request.basis.clone()),
            urgency: Some(request.priority),
            ..ask(caller, Act::Receive, Some(caller.agency.clone()))
        };
        match self.policies.permit(&question, self.moment()) {
            Decision::Permitted(_) => Ok(true),
            Decision::Denied { .. } => Ok(false),
            Decision::Failed { .. } => {
                Err(HubError::InDoubt("the policies cannot be asked; it is logged as an alarm"))
            }
        }
    }

    /// Every field that was sent: a message cut down to nothing names them all.
    fn fields(&self, message: &Checked, sight: &Sight<'_>, cut: &Cut) -> Vec<Field> {
        let nothing = Categories::new();
        let all =
            self.schemas.minimise(message.kind, message.version, message.value.json(), &nothing).removed;
        let told = Told::of(message, sight, cut);
        let policies = self.policies.current();
        let named = |ids: &[String]| {
            let title = |id: &String| policies.title_of(id).unwrap_or_default().to_owned();
            ids.iter().map(|id| Named { id: id.clone(), title: title(id) }).collect()
        };
        let field = |(pointer, category): (String, Category)| {
            let (becomes, because) = told.what_becomes(&pointer, category);
            let at = told.moved.get(pointer.as_str()).filter(|(to, _)| *to != pointer);
            let at = at.map(|(to, _)| (*to).to_owned());
            let by_policy = !matches!(because, Because::AskedToWithhold | Because::NotForRecipients);
            let ids = told.why.mask.by.get(&category).filter(|_| by_policy);
            let policies = ids.map(|ids| named(ids)).unwrap_or_default();
            Field { pointer, category, becomes, at, because, policies }
        };
        all.into_iter().map(field).collect()
    }
}

/// What is known of a cut's places.
struct Told<'a> {
    why: &'a Why,
    gone: BTreeMap<&'a str, Category>,
    moved: BTreeMap<&'a str, (&'a str, Way)>,
    /// Lines of other recipients, and what was asked to be withheld.
    not_for_recipients: Vec<String>,
}

impl<'a> Told<'a> {
    fn of(message: &Checked, sight: &Sight<'_>, cut: &'a Cut) -> Self {
        let places = &cut.why.places;
        let moved = places.reductions.iter().map(|one| (one.from.as_str(), (one.to.as_str(), one.way)));
        let own = sight.own_line();
        let lines = message.value.json().get("recipients").and_then(Value::as_array).into_iter().flatten();
        // Of a line that is not whole nothing is left.
        let left = cut.value.json().pointer("/recipients/0").is_some();
        let others = lines.enumerate().filter(|(_, line)| !left || **line != own);
        let mut not_for_recipients: Vec<String> =
            others.map(|(at, _)| format!("/recipients/{at}/")).collect();
        not_for_recipients.push("/consent/withheld".to_owned());
        let gone = places.removed.iter().map(|(at, category)| (at.as_str(), *category)).collect();
        Self { why: &cut.why, gone, moved: moved.collect(), not_for_recipients }
    }

    fn what_becomes(&self, pointer: &str, category: Category) -> (Becomes, Because) {
        if self.gone.contains_key(pointer) {
            return (Becomes::Removed, why_gone(&self.why.mask, &self.why.asked, category));
        }
        if self.not_for_recipients.iter().any(|prefix| pointer.starts_with(prefix.as_str())) {
            return (Becomes::Removed, Because::NotForRecipients);
        }
        let becomes = match self.moved.get(pointer) {
            Some((_, Way::Generalise)) => Becomes::Generalised,
            Some((_, Way::Pseudonymise)) => Becomes::Pseudonymised,
            _ => Becomes::Kept,
        };
        (becomes, Because::Policy)
    }
}

fn why_gone(mask: &Mask, asked: &Categories, category: Category) -> Because {
    match mask.ways.get(&category) {
        _ if asked.contains(&category) => Because::AskedToWithhold,
        Some(_) => Because::NoCoarserForm,
        None if mask.by.contains_key(&category) => Because::Forbidden,
        None => Because::NoPolicy,
    }
}
