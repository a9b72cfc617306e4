//! Acceptance of a set, whole or not at all: parse, name, validate strictly, cross-check names, slice, and
//! run the decision tables. Each step refuses with file, line and reason.

use casework::AgencyCode;
use cedar_policy::{
    Authorizer, Entities, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator, ffi::DetailedError,
};

use crate::{
    Agreement, LoadError, Policies, Table,
    load_error::line_of,
    memo::Memo,
    read_set::{SCHEMA_FILE, SetText},
    slices::Slices,
    vocabulary::Vocabulary,
};

/// Policies one agreement may hold.
const POLICIES_MAX: usize = 200;

pub(crate) fn accept(text: &SetText) -> Result<Policies, LoadError> {
    let accepted = accept_untested(text)?;
    for (file, table) in tables(&accepted)? {
        table.check(&file, &accepted)?;
    }
    Ok(accepted)
}

/// All but the rows of its tables.
pub(crate) fn accept_untested(text: &SetText) -> Result<Policies, LoadError> {
    let schema = parse_schema(&text.schema)?;
    let validator = Validator::new(schema.clone());
    let mut words = Vocabulary::new(schema)?;
    let mut agreements = Vec::new();
    let mut policies = Vec::new();
    for (file, source) in &text.agreements {
        let (agreement, of_file) = accept_agreement(&words, &validator, file, source)?;
        agreements.push(agreement);
        policies.extend(of_file);
    }
    words.note_services(&policies);
    let all = PolicySet::from_policies(policies.iter().cloned())
        .map_err(|error| LoadError::new("*.cedar", error.to_string()))?;
    Ok(Policies {
        digest: text.digest(),
        slices: Slices::cut(&words, &policies)?,
        agreements,
        words,
        all,
        authorizer: Authorizer::new(),
        none: Entities::empty(),
        decisions: Memo::default(),
        masks: Memo::default(),
        text: text.clone(),
        doubt: None,
    })
}

fn parse_schema(text: &str) -> Result<Schema, LoadError> {
    let refused = |error| LoadError::cedar(SCHEMA_FILE, text, &DetailedError::from(&error), None);
    let (schema, mut warnings) = Schema::from_cedarschema_str(text).map_err(refused)?;
    match warnings.next() {
        Some(warning) => Err(LoadError::new(SCHEMA_FILE, warning.to_string())),
        None => Ok(schema),
    }
}

fn accept_agreement(
    words: &Vocabulary,
    validator: &Validator,
    file: &str,
    text: &str,
) -> Result<(Agreement, Vec<Policy>), LoadError> {
    let name = file.trim_end_matches(".cedar");
    let mut agreement = Agreement::read_head(file, name, text)?;
    let parsed: PolicySet =
        text.parse().map_err(|error| LoadError::cedar(file, text, &DetailedError::from(&error), None))?;
    if parsed.templates().next().is_some() {
        return Err(LoadError::new(file, "holds a template: write each policy out"));
    }
    let mut policies = Vec::new();
    for policy in parsed.policies() {
        policies.push(named(file, name, text, policy)?);
    }
    if policies.is_empty() || policies.len() > POLICIES_MAX {
        return Err(LoadError::new(file, format!("holds no policy or more than {POLICIES_MAX}")));
    }
    // Cedar keeps no order; the file's is the one a reader expects.
    policies.sort_by_key(|policy| line_of_policy(text, policy.id().as_ref()));
    validate(validator, file, text, &policies)?;
    check_names(words, file, text, &agreement.parties, &policies)?;
    agreement.policies = policies.iter().map(|policy| (policy.id().to_string(), title_of(policy))).collect();
    Ok((agreement, policies))
}

/// The policy under the name its `@id` gives it; Cedar would call it `policy7`.
fn named(file: &str, agreement: &str, text: &str, policy: &Policy) -> Result<Policy, LoadError> {
    let Some(id) = policy.annotation("id") else {
        return Err(LoadError::new(file, "a policy has no `@id`: name it `<agreement>.<what it allows>`"));
    };
    let line = line_of_policy(text, id);
    let rest = id.strip_prefix(agreement).and_then(|rest| rest.strip_prefix('.'));
    if rest.is_none_or(str::is_empty) {
        return Err(LoadError::at(file, line, format!("the id `{id}` must begin with `{agreement}.`")));
    }
    if text.matches(&format!("@id(\"{id}\")")).count() != 1 {
        return Err(LoadError::at(file, line, format!("the id `{id}` is given twice")));
    }
    if title_of(policy).is_empty() {
        return Err(LoadError::at(
            file,
            line,
            format!("`{id}` has no `@title`: say in a sentence what it does"),
        ));
    }
    Ok(policy.new_id(PolicyId::new(id)))
}

/// Strict validation; a warning (a policy that can never apply) refuses too.
fn validate(validator: &Validator, file: &str, text: &str, policies: &[Policy]) -> Result<(), LoadError> {
    let set = PolicySet::from_policies(policies.iter().cloned())
        .map_err(|error| LoadError::new(file, error.to_string()))?;
    let result = validator.validate(&set, ValidationMode::Strict);
    let refuse = |id: &PolicyId, error: DetailedError| {
        Err(LoadError::cedar(file, text, &error, line_of_policy(text, id.as_ref())))
    };
    if let Some(error) = result.validation_errors().next() {
        return refuse(error.policy_id(), DetailedError::from(error));
    }
    match result.validation_warnings().next() {
        Some(warning) => refuse(warning.policy_id(), DetailedError::from(warning)),
        None => Ok(()),
    }
}

/// Agencies and services are open types in the schema, so their names are checked here.
fn check_names(
    words: &Vocabulary,
    file: &str,
    text: &str,
    parties: &[AgencyCode],
    policies: &[Policy],
) -> Result<(), LoadError> {
    for policy in policies {
        let line = line_of_policy(text, policy.id().as_ref());
        for entity in policy.entity_literals() {
            let id = entity.id().unescaped();
            if words.is_agency(&entity) && !parties.iter().any(|party| party.as_str() == id) {
                let reason = format!("`{}` names `{id}`, which is no party in the file's head", policy.id());
                return Err(LoadError::at(file, line, reason));
            }
        }
    }
    Ok(())
}

/// The tables of a set, one for each agreement at least.
pub(crate) fn tables(policies: &Policies) -> Result<Vec<(String, Table)>, LoadError> {
    let mut tables = Vec::new();
    for (file, source) in &policies.text.tables {
        tables.push((file.clone(), Table::parse(file, source)?));
    }
    let has_table =
        |agreement: &&Agreement| policies.text.tables.contains_key(&format!("tests/{}.toml", agreement.name));
    match policies.agreements.iter().find(|agreement| !has_table(agreement)) {
        Some(agreement) => {
            let table = format!("tests/{}.toml", agreement.name);
            Err(LoadError::new(&table, "is missing: an agreement comes with its decision table"))
        }
        None => Ok(tables),
    }
}

fn title_of(policy: &Policy) -> String {
    policy.annotation("title").unwrap_or_default().to_owned()
}

fn line_of_policy(text: &str, id: &str) -> Option<usize> {
    text.find(&format!("@id(\"{id}\")")).map(|offset| line_of(text, offset))
}
