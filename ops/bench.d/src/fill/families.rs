//! Who asks whom for what: requests as agreements in force allow them, routed once by today's mandates and
//! permitted once by the policies. A family is a sender with one to three recipients.

use casework::{AgencyCode, Code, MessageKind, Permit, Priority};
use policies::{Act, Ask, Decision, Moment, Policies};
use schemas::{Directory, Route};
use serde_json::{Value, json};

use crate::Failure;

/// Weight, sender, purpose, recipients with the service of each. On average 1.7 recipients.
type Row = (u64, &'static str, &'static str, &'static [(&'static str, &'static str)]);
const ROWS: &[Row] = &[
    (14, "ictp", "protection", &[("cpi", "SVC-SHELTER")]),
    (8, "ictp", "justice", &[("laja", "SVC-LEGAL")]),
    (8, "ictp", "justice", &[("nccia", "SVC-CYBER")]),
    (16, "ictp", "justice", &[("cpi", "SVC-SHELTER"), ("laja", "SVC-LEGAL")]),
    (10, "ictp", "protection", &[("cpi", "SVC-MHPSS"), ("nccia", "SVC-CYBER")]),
    (14, "ictp", "justice", &[("nccia", "SVC-CYBER"), ("laja", "SVC-LEGAL"), ("cpi", "SVC-SHELTER")]),
    (12, "cpi", "protection", &[("laja", "SVC-LEGAL")]),
    (6, "cpi", "protection", &[("ictp", "SVC-POLICE"), ("laja", "SVC-LEGAL")]),
    (6, "laja", "protection", &[("cpi", "SVC-ALTCARE")]),
    (6, "laja", "protection", &[("ictp", "SVC-POLICE"), ("cpi", "SVC-REUNIFY")]),
];
const BASIS: &str = "consent";

/// A kind of request.
pub struct Family {
    pub from: AgencyCode,
    pub purpose: Code,
    pub basis: Code,
    pub routes: Vec<(Route, Code)>,
    pub permit: Permit,
}

impl Family {
    /// The `recipients` of the message.
    pub fn recipients(&self) -> Value {
        let one = |(route, service): &(Route, Code)| {
            let (agency, service) = (route.addressed.as_str(), service.as_str());
            json!({ "agency": agency, "service": service })
        };
        self.routes.iter().map(one).collect()
    }

    /// The `consent` of the message: what the schema asks of this basis.
    pub fn consent(&self) -> Value {
        json!({ "basis": self.basis.as_str(), "given_by": "child", "scope": "this-referral" })
    }
}

/// All of them, by weight.
pub fn families(store: &store::Store, directory: &Directory) -> Result<Vec<(u64, Family)>, Failure> {
    let policies = Policies::embedded()?;
    let today = store.clock().real().in_pakistan().date_naive();
    let at = Moment::on(today);
    let family = |(weight, from, purpose, recipients): &Row| {
        let (from, purpose, basis): (AgencyCode, Code, Code) =
            (from.parse()?, purpose.parse()?, BASIS.parse()?);
        let mut routes = Vec::new();
        let mut permit = None;
        for (to, service) in *recipients {
            let service: Code = service.parse()?;
            let route = directory.route(&to.parse()?, &service, today)?;
            permit = Some(allowed(&policies, at, ask(&from, &route.to, &service, &purpose, &basis))?);
            routes.push((route, service));
        }
        let permit = permit.ok_or("a request without recipients")?;
        Ok((*weight, Family { from, purpose, basis, routes, permit }))
    };
    ROWS.iter().map(family).collect()
}

fn ask(from: &AgencyCode, to: &AgencyCode, service: &Code, purpose: &Code, basis: &Code) -> Ask {
    Ask {
        counterpart: Some(to.clone()),
        message: Some(MessageKind::Request),
        service: Some(service.clone()),
        purpose: Some(purpose.clone()),
        basis: Some(basis.clone()),
        urgency: Some(Priority::Normal),
        ..Ask::of(from.clone(), vec!["system".to_owned()], Act::Send)
    }
}

fn allowed(policies: &Policies, at: Moment, ask: Ask) -> Result<Permit, Failure> {
    match policies.permit(&ask, at) {
        Decision::Permitted(permit) => Ok(permit),
        other => {
            Err(format!("the policies do not allow what was to be generated: {ask:?}: {other:?}").into())
        }
    }
}
