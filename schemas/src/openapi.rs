//! Message schemas in the form OpenAPI 3.1 embeds: `$defs` lifted to components, `$ref`s pointed there.

use casework::MessageKind;
use serde_json::{Map, Value};

/// `referral.accept` and version 1 is the component `referral.accept.v1`.
pub(crate) fn component_name(kind: MessageKind, version: u16) -> String {
    format!("{kind}.v{version}")
}

/// Adds one message, and one component for each of its `$defs` (`referral.accept.v1.officer`).
pub(crate) fn add(components: &mut Map<String, Value>, name: &str, document: &Value) {
    let mut whole = document.as_object().cloned().unwrap_or_default();
    whole.remove("$schema");
    // With an `$id` the references below would be resolved against it and not against the OpenAPI document.
    if let Some(id) = whole.remove("$id") {
        whole.insert("x-schema-id".to_owned(), id);
    }
    let defs = whole.remove("$defs");
    components.insert(name.to_owned(), pointed(Value::Object(whole), name));
    for (def, schema) in defs.as_ref().and_then(Value::as_object).into_iter().flatten() {
        components.insert(format!("{name}.{def}"), pointed(schema.clone(), name));
    }
}

fn pointed(value: Value, name: &str) -> Value {
    match value {
        Value::Object(members) => {
            let point = |(key, member): (String, Value)| match (key.as_str(), member.as_str()) {
                ("$ref", Some(target)) => (key, Value::String(moved(target, name))),
                _ => (key, pointed(member, name)),
            };
            Value::Object(members.into_iter().map(point).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| pointed(item, name)).collect()),
        other => other,
    }
}

fn moved(target: &str, name: &str) -> String {
    let def = target.strip_prefix("#/$defs/");
    def.map_or_else(|| target.to_owned(), |def| format!("#/components/schemas/{name}.{def}"))
}
