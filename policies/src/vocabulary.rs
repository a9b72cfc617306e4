//! Requests in Cedar's terms, built natively (from JSON they cost three times as much). The words are those
//! of `amaan.cedarschema`; its closed lists refuse an unknown code when the request is built.

use casework::{AgencyCode, Category, Code};
use cedar_policy::{
    Context, EntityId, EntityTypeName, EntityUid, Request, RequestValidationError, RestrictedExpression,
    Schema,
};

use crate::{Act, Ask, Disclosure, LoadError, Moment, read_set::SCHEMA_FILE};

/// The actions whose resource is a category instead of an agency: as it was sent, coarser, or a word in its
/// place.
pub(crate) const DISCLOSE: &str = "disclose";
pub(crate) const DISCLOSE_GENERALISED: &str = "disclose_generalised";
pub(crate) const DISCLOSE_PSEUDONYMISED: &str = "disclose_pseudonymised";

/// Names of the schema's types, parsed once.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    schema: Schema,
    action: EntityTypeName,
    agency: EntityTypeName,
    service: EntityTypeName,
    message: EntityTypeName,
    purpose: EntityTypeName,
    basis: EntityTypeName,
    urgency: EntityTypeName,
    role: EntityTypeName,
    scope: EntityTypeName,
    province: EntityTypeName,
    district: EntityTypeName,
    /// Does the set's schema know scopes, places and time? Sets approved before it did stay in force.
    widened: bool,
    /// Services that some policy names.
    pub(crate) services: Vec<String>,
    category: EntityTypeName,
}

impl Vocabulary {
    pub(crate) fn new(schema: Schema) -> Result<Self, LoadError> {
        let name = |text: &str| {
            text.parse::<EntityTypeName>()
                .map_err(|_| LoadError::new(SCHEMA_FILE, format!("no type `{text}`")))
        };
        let mut words = Self {
            schema,
            action: name("Action")?,
            agency: name("Agency")?,
            service: name("Service")?,
            message: name("Message")?,
            purpose: name("Purpose")?,
            basis: name("Basis")?,
            urgency: name("Urgency")?,
            role: name("Role")?,
            scope: name("Scope")?,
            province: name("Province")?,
            district: name("District")?,
            widened: true,
            services: Vec::new(),
            category: name("DataCategory")?,
        };
        words.widened = words.takes_all();
        Ok(words)
    }

    /// Is a question with scopes, places and time one that this schema understands?
    fn takes_all(&self) -> bool {
        let system = vec!["system".to_owned()];
        let trial = Ask::of(AgencyCode::hub(), system, Act::Send);
        self.ask(&trial, Moment::on(chrono::NaiveDate::default())).is_ok()
    }

    /// Does this schema have the action?
    pub(crate) fn knows(&self, action: &str) -> bool {
        let action = self.action(action);
        self.schema.actions().any(|known| *known == action)
    }

    pub(crate) fn action(&self, name: &str) -> EntityUid {
        uid(&self.action, name)
    }

    pub(crate) fn is_agency(&self, entity: &EntityUid) -> bool {
        *entity.type_name() == self.agency
    }

    /// Notes the services that these policies name.
    pub(crate) fn note_services(&mut self, policies: &[cedar_policy::Policy]) {
        let named = policies.iter().flat_map(cedar_policy::Policy::entity_literals);
        let named = named.filter(|entity| *entity.type_name() == self.service);
        let named: std::collections::BTreeSet<String> =
            named.map(|entity| entity.id().unescaped().to_owned()).collect();
        self.services = named.into_iter().collect();
    }

    /// The request that asks whether an act is permitted.
    pub(crate) fn ask(&self, ask: &Ask, at: Moment) -> Result<Request, String> {
        let roles = ask.roles.iter().map(|role| value(&self.role, role));
        let mut context = vec![("roles".to_owned(), RestrictedExpression::new_set(roles))];
        if self.widened {
            context.extend(self.around(ask, at));
        }
        let mut put = |name: &str, kind: &EntityTypeName, code: Option<&str>| {
            context.extend(code.map(|code| (name.to_owned(), value(kind, code))));
        };
        put("message", &self.message, ask.message.map(|kind| kind.schema_name()));
        put("service", &self.service, ask.service.as_ref().map(|code| code.as_str()));
        put("purpose", &self.purpose, ask.purpose.as_ref().map(|code| code.as_str()));
        put("basis", &self.basis, ask.basis.as_ref().map(|code| code.as_str()));
        put("urgency", &self.urgency, ask.urgency.map(|urgency| urgency.as_str()));
        let resource = ask.counterpart.as_ref().unwrap_or(&ask.agency);
        self.request(ask.agency.as_str(), ask.act.as_str(), uid(&self.agency, resource.as_str()), context)
    }

    /// Scopes, places and time.
    fn around(&self, ask: &Ask, at: Moment) -> Vec<(String, RestrictedExpression)> {
        let set = |kind: &EntityTypeName, ids: &mut dyn Iterator<Item = &str>| {
            RestrictedExpression::new_set(ids.map(|id| value(kind, id)))
        };
        let provinces = &mut ask.places.agency_provinces.iter().map(Code::as_str);
        let mut around = vec![
            ("scopes".to_owned(), set(&self.scope, &mut ask.scopes.iter().map(String::as_str))),
            ("agency_provinces".to_owned(), set(&self.province, provinces)),
            ("day".to_owned(), RestrictedExpression::new_datetime(at.day.to_string())),
            ("hour".to_owned(), RestrictedExpression::new_long(i64::from(at.hour))),
        ];
        let places = [
            ("case_province", &self.province, &ask.places.case_province),
            ("case_district", &self.district, &ask.places.case_district),
        ];
        for (name, kind, code) in places {
            around.extend(code.iter().map(|code| (name.to_owned(), value(kind, code.as_str()))));
        }
        around
    }

    /// The request that asks whether one category may be disclosed in this way.
    pub(crate) fn disclose(
        &self,
        asked: &Disclosure,
        action: &str,
        category: Category,
    ) -> Result<Request, String> {
        let mut context = vec![
            ("recipient".to_owned(), value(&self.agency, asked.recipient.as_str())),
            ("message".to_owned(), value(&self.message, asked.message.schema_name())),
            ("version".to_owned(), RestrictedExpression::new_long(i64::from(asked.version))),
            ("purpose".to_owned(), value(&self.purpose, asked.purpose.as_str())),
            ("basis".to_owned(), value(&self.basis, asked.basis.as_str())),
            ("urgency".to_owned(), value(&self.urgency, asked.urgency.as_str())),
        ];
        let service = asked.service.as_ref();
        context.extend(service.map(|code| ("service".to_owned(), value(&self.service, code.as_str()))));
        self.request(asked.sender.as_str(), action, uid(&self.category, category.as_str()), context)
    }

    fn request(
        &self,
        agency: &str,
        action: &str,
        resource: EntityUid,
        context: Vec<(String, RestrictedExpression)>,
    ) -> Result<Request, String> {
        let context =
            Context::from_pairs(context).map_err(|_| "the request's context repeats a name".to_owned())?;
        let principal = uid(&self.agency, agency);
        Request::new(principal, self.action(action), resource, context, Some(&self.schema))
            .map_err(|error| describe(&error).to_owned())
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn value(kind: &EntityTypeName, id: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid(kind, id))
}

/// Cedar's own text would repeat the submitted code.
const fn describe(error: &RequestValidationError) -> &'static str {
    match error {
        RequestValidationError::InvalidEnumEntity(_) | RequestValidationError::InvalidContext(_) => {
            "a code of the request is not in the closed lists of amaan.cedarschema: message, purpose, basis, \
             urgency, role, province or category"
        }
        _ => "the request does not conform to amaan.cedarschema",
    }
}
