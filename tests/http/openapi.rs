//! The OpenAPI document: every line of the table is in it and nothing else, every reference resolves, and
//! what an integrator reads is kept as a snapshot.

use std::collections::BTreeSet;
use std::fmt::Write;

use amaan_http::problem::PROBLEMS;
use amaan_http::{Access, ROUTES, Roles, openapi};
use schemas::Schemas;
use serde_json::Value;

const BASE: &str = "https://hub.example";

fn document() -> Value {
    openapi::document(&Schemas::embedded().unwrap(), BASE, &Roles::all())
}

#[test]
fn it_describes_the_table_and_nothing_else() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            described.insert(format!("{} {path}", method.to_uppercase()));
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{path}");
        }
    }
    let table = ROUTES.iter().map(|route| format!("{} {}", route.method.as_str(), route.path));
    assert_eq!(described, table.collect());
    for route in ROUTES {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        assert_eq!(operation.get("security").is_none(), route.access == Access::Public, "{}", route.path);
        assert!(operation["responses"][route.gives.status.to_string()].is_object(), "{}", route.path);
    }
}

#[test]
fn every_reference_resolves() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100, "{}", references.len());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[test]
fn operation_ids_and_path_parameters_are_whole() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let wanted: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        for operation in methods.as_object().unwrap().values() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            let named = parameters.filter(|parameter| parameter["in"] == "path");
            let named: BTreeSet<&str> = named.map(|parameter| parameter["name"].as_str().unwrap()).collect();
            assert_eq!(named, wanted, "{path}");
        }
    }
}

#[test]
fn every_problem_is_named() {
    let document = document();
    let types =
        document["components"]["schemas"]["problem"]["properties"]["type"]["enum"].as_array().unwrap();
    assert_eq!(types.len(), PROBLEMS.len());
    for kind in PROBLEMS {
        let response = &document["components"]["responses"][format!("problem-{}", kind.status)];
        assert!(response["description"].as_str().unwrap().contains(kind.slug), "{}", kind.slug);
    }
}

/// The messages' own schemas are files already; of them only the names are kept here.
#[test]
fn it_reads_well() {
    let mut document = document();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let mut told = String::new();
    for name in schemas.keys().filter(|name| name.contains(".v")) {
        writeln!(told, "{name}").unwrap();
    }
    schemas.retain(|name, _| !name.contains(".v"));
    told.push_str(&serde_json::to_string_pretty(&document).unwrap());
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("openapi", told);
    });
}
