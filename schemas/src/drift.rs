//! Enums in schemas against the code lists they name: they must be the same, or nothing is loaded. An enum
//! is a copy, so that a schema stands alone for whoever fetches it; this keeps the copy true.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{LoadError, codelist::Lists};

/// Every node with `x-codelist` has exactly the list's codes as its enum (`null` does not count).
pub(crate) fn compare(file: &str, document: &Value, lists: &Lists) -> Result<(), LoadError> {
    node(file, document, "", lists)
}

fn node(file: &str, value: &Value, at: &str, lists: &Lists) -> Result<(), LoadError> {
    if let Some(list) = value.get("x-codelist").and_then(Value::as_str) {
        enum_is_list(file, value, at, list, lists)?;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                node(file, member, &format!("{at}/{name}"), lists)?;
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                node(file, item, &format!("{at}/{index}"), lists)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn enum_is_list(file: &str, value: &Value, at: &str, list: &str, lists: &Lists) -> Result<(), LoadError> {
    let rows = lists.select(list).ok_or_else(|| {
        LoadError::bad(file, at, format!("`x-codelist` names `{list}`, which is no list of codelists/"))
    })?;
    let wanted: BTreeSet<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let held: BTreeSet<&str> = crate::invalid::texts(value.get("enum")).into_iter().collect();
    if wanted == held {
        return Ok(());
    }
    let only = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| a.difference(b).map(ToString::to_string).collect();
    Err(LoadError::Drift {
        file: file.to_owned(),
        pointer: at.to_owned(),
        list: list.to_owned(),
        missing: only(&wanted, &held),
        extra: only(&held, &wanted),
    })
}
