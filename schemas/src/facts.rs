//! The dimensions of a message's `statistics` block as plain codes. Nothing else of a message ever becomes
//! a fact.

use casework::Facts;
use serde_json::Value;

/// What a dimension is that the sender left out.
const LEFT_OUT: &str = "not-asked";

/// Every dimension that the schema has, each with its code or the reason why there is none; empty for a
/// message without statistics.
pub(crate) fn facts(document: &Value, body: &Value) -> Facts {
    let dimensions = document.pointer("/properties/statistics/properties").and_then(Value::as_object);
    let said = body.get("statistics");
    let fact = |name: &String| {
        let given = said.and_then(|block| block.get(name));
        let word = |member| given.and_then(|given| given.get(member)).and_then(Value::as_str);
        let code = word("value").or_else(|| word("reason")).unwrap_or(LEFT_OUT);
        (name.replace('_', "-"), code.to_owned())
    };
    if said.is_none() {
        return Facts::new();
    }
    dimensions.into_iter().flatten().map(|(name, _)| fact(name)).collect()
}
