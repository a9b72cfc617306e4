//! The API's description (OpenAPI 3.1), made from `ROUTES`, the problem table and the message schemas.
//! Nothing is written here by hand that those tables already know.

use std::collections::BTreeMap;

use casework::MessageKind;
use schemas::Schemas;
use serde_json::{Map, Value, json};

use crate::problem::{PROBLEM_JSON, PROBLEMS, type_uri};
use crate::query::{Form, Parameter};
use crate::roles::Roles;
use crate::routes::{Access, JSON, Route, Takes, Verb};

/// The version every message has today.
const MESSAGE_VERSION: u16 = 1;

/// The document of a process with these roles, reached at `base_url`.
#[must_use]
pub fn document(schemas: &Schemas, base_url: &str, roles: &Roles) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in roles.routes() {
        let method = route.method.as_str().to_lowercase();
        paths.entry(route.path).or_default().insert(method, operation(route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Amaan",
            "summary": "Referrals between child-protection agencies, each with a receipt",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{ "url": base_url }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "at+jwt (RFC 9068)",
                "description": "From the issuer this hub trusts, by client credentials. Where other machines \
                                reach the hub it has to be bound to the client certificate of the \
                                connection (RFC 8705), and is good beside that alone.",
            } },
            "parameters": shared_parameters(),
            "responses": responses(),
            "schemas": components(schemas, base_url),
        },
    })
}

/// `POST /v1/referrals/{id}/{action}` is `post-v1-referrals-id-action`.
fn operation_id(route: &Route) -> String {
    let words: Vec<&str> = route.path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty()).collect();
    format!("{}-{}", route.method.as_str().to_lowercase(), words.join("-"))
}

fn operation(route: &Route) -> Value {
    let mut told = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [tag(route)],
        "responses": answers(route),
    });
    let Some(members) = told.as_object_mut() else { return told };
    let parameters = parameters(route);
    if !parameters.is_empty() {
        members.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some(body) = request_body(route) {
        members.insert("requestBody".to_owned(), body);
    }
    if let Some((security, about)) = security(route.access) {
        members.insert("security".to_owned(), security);
        members.insert("description".to_owned(), Value::String(about));
    }
    told
}

fn tag(route: &Route) -> &str {
    let first = route.path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next());
    first.unwrap_or("service")
}

fn security(access: Access) -> Option<(Value, String)> {
    let scopes = match access {
        Access::Public => return None,
        Access::Client => return Some((json!([{ "token": [] }]), "Any registered client.".to_owned())),
        Access::Scope(scopes) => scopes,
    };
    // One alternative for each scope: any of them is enough.
    let any: Vec<Value> = scopes.iter().map(|scope| json!({ "token": [scope] })).collect();
    let named: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    Some((Value::Array(any), format!("Needs the scope {}.", named.join(" or "))))
}

fn parameters(route: &Route) -> Vec<Value> {
    let segments = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = segments.map(|name| path_parameter(route, name)).collect();
    all.extend(route.query.iter().map(query_parameter));
    if route.writes {
        all.push(json!({ "$ref": "#/components/parameters/idempotency-key" }));
    }
    if route.writes && matches!(route.takes, Takes::Message(_)) {
        all.push(json!({ "$ref": "#/components/parameters/amaan-signature" }));
    }
    if is_step(route) {
        all.push(json!({ "$ref": "#/components/parameters/if-match" }));
    }
    all
}

fn path_parameter(route: &Route, name: &str) -> Value {
    let schema = match (name, route.takes) {
        ("action", Takes::Message(kinds)) => {
            let steps: Vec<&str> = kinds.iter().map(|kind| kind.action()).collect();
            json!({ "type": "string", "enum": steps })
        }
        _ => json!({ "type": "string" }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn query_parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Form::Text => json!({ "type": "string" }),
        Form::Number => json!({ "type": "integer", "minimum": 0 }),
        Form::Texts => json!({ "type": "array", "items": { "type": "string" } }),
    };
    let (name, about, required) = (parameter.name, parameter.about, parameter.required);
    json!({ "name": name, "in": "query", "required": required, "description": about, "schema": schema })
}

fn shared_parameters() -> Value {
    json!({
        "idempotency-key": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": true,
            "description": "A fresh random key for each new request; the same one when it \
                            is repeated. A repeated request gets the first one's answer and \
                            `Idempotency-Replayed: true`.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 128 },
        },
        "amaan-signature": {
            "name": "Amaan-Signature", "in": "header",
            "description": "The agency's signature over the body: a detached JWS (RFC 7515 appendix F).",
            "schema": { "type": "string", "maxLength": 4096 },
        },
        "if-match": {
            "name": "If-Match",
            "in": "header",
            "description": "The version you last saw; the step is refused if the referral has moved on.",
            "schema": { "type": "string", "pattern": "^(\"[0-9]+\"|[0-9]+)$" },
        },
    })
}

fn request_body(route: &Route) -> Option<Value> {
    let reference = |name: String| json!({ "$ref": format!("#/components/schemas/{name}") });
    let schema = match route.takes {
        Takes::Nothing => return None,
        Takes::Resolution => reference("resolution".to_owned()),
        Takes::Cursor => reference("cursor".to_owned()),
        Takes::Person => reference("person".to_owned()),
        Takes::Reason => reference("reason".to_owned()),
        Takes::Switch => reference("switch".to_owned()),
        Takes::Replays => reference("replays".to_owned()),
        Takes::BreakGlass => reference("break-glass".to_owned()),
        Takes::Verdict => reference("verdict".to_owned()),
        Takes::PolicySet => reference("policy_set".to_owned()),
        Takes::Message(kinds) => {
            let name = |kind: &MessageKind| format!("{kind}.v{MESSAGE_VERSION}");
            let mut all: Vec<Value> = kinds.iter().map(name).map(reference).collect();
            if all.len() == 1 { all.remove(0) } else { json!({ "oneOf": all }) }
        }
    };
    Some(json!({ "required": true, "content": { JSON: { "schema": schema } } }))
}

fn answers(route: &Route) -> Value {
    let gives = route.gives;
    let media = gives.media.split(';').next().unwrap_or(gives.media);
    let schema =
        if media.ends_with("/json") { json!({ "type": "object" }) } else { json!({ "type": "string" }) };
    let good = json!({ "description": gives.about, "content": { media: { "schema": schema } } });
    let mut all = Map::new();
    all.insert(gives.status.to_string(), good);
    for status in statuses(route) {
        all.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/problem-{status}") }));
    }
    Value::Object(all)
}

/// Does it move a referral of which the caller may name the version it saw?
fn is_step(route: &Route) -> bool {
    route.path.ends_with("{action}") || route.path.ends_with("/void")
}

/// Which problem statuses an address can answer with.
fn statuses(route: &Route) -> Vec<u16> {
    if route.access == Access::Public {
        return vec![400, 404, 406, 500, 503];
    }
    let mut all = vec![400, 401, 403, 404, 406, 500, 503];
    if route.method == Verb::Post {
        all.extend([408, 413, 415, 422]);
    }
    if route.writes {
        all.push(409);
    }
    if route.gives.media == crate::stream::MEDIA {
        all.push(429);
    }
    if is_step(route) {
        all.push(412);
    }
    all.sort_unstable();
    all
}

/// One response for each status a problem can have, naming the problems.
fn responses() -> Value {
    let mut slugs: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for kind in PROBLEMS {
        slugs.entry(kind.status).or_default().push(format!("`{}`", kind.slug));
    }
    let mut all = Map::new();
    for (status, slugs) in slugs {
        let content = json!({ PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/problem" } } });
        let told = json!({ "description": slugs.join(", "), "content": content });
        all.insert(format!("problem-{status}"), told);
    }
    Value::Object(all)
}

fn components(schemas: &Schemas, base_url: &str) -> Map<String, Value> {
    let mut all = schemas.openapi_components();
    all.insert("problem".to_owned(), problem_schema(base_url));
    all.insert("resolution".to_owned(), resolution_schema());
    all.insert("cursor".to_owned(), cursor_schema());
    all.insert("person".to_owned(), person_schema());
    all.insert("reason".to_owned(), reason_schema());
    all.insert("switch".to_owned(), switch_schema());
    all.insert("replays".to_owned(), replays_schema());
    all.insert("break-glass".to_owned(), break_glass_schema());
    all.insert("verdict".to_owned(), verdict_schema());
    all.insert("policy_set".to_owned(), policy_set_schema());
    all
}

fn problem_schema(base_url: &str) -> Value {
    let types: Vec<String> = PROBLEMS.iter().map(|kind| type_uri(base_url, kind.slug)).collect();
    json!({
        "type": "object",
        "description": "RFC 9457. No submitted value is ever repeated in it.",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": { "type": "string", "format": "uri", "enum": types },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string", "description": "The request's id, as in `Request-Id`." },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": { "type": "string", "description": "JSON Pointer into the message." },
                    "code": { "type": "string" },
                    "detail": { "type": "string" },
                },
            } },
            "allowed_actions": { "type": "array", "items": { "type": "string" } },
            "referral_status": { "type": "string" },
            "current_version": { "type": "integer" },
        },
    })
}

fn resolution_schema() -> Value {
    json!({
        "type": "object",
        "required": ["as", "reason"],
        "additionalProperties": false,
        "properties": {
            "as": { "type": "string", "enum": ["delivered", "not-delivered"] },
            "reason": { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$" },
        },
    })
}

fn replays_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "reason": { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$" },
            "to": { "type": "string" },
            "message": { "type": "string" },
            "limit": { "type": "integer", "minimum": 1, "maximum": 200 },
        },
    })
}

fn break_glass_schema() -> Value {
    json!({
        "type": "object",
        "required": ["case", "reason", "why"],
        "additionalProperties": false,
        "properties": {
            "case": { "type": "string", "pattern": "^cs_[0-9a-f]{32}$" },
            "reason": { "type": "string", "pattern": CODE },
            "why": { "type": "string", "minLength": 20, "maxLength": 2000 },
        },
    })
}

fn verdict_schema() -> Value {
    json!({
        "type": "object",
        "required": ["verdict"],
        "additionalProperties": false,
        "properties": { "verdict": { "type": "string", "enum": ["justified", "not-justified"] } },
    })
}

fn policy_set_schema() -> Value {
    let files = || json!({ "type": "object", "additionalProperties": { "type": "string" } });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "bundle": {
                "type": "object",
                "required": ["schema", "agreements", "tables"],
                "additionalProperties": false,
                "properties": {
                    "schema": { "type": "string" }, "agreements": files(), "tables": files(),
                },
            },
            "set": { "type": "string", "pattern": "^[0-9a-f]{16}$" },
            "last": { "type": "integer", "minimum": 0, "maximum": 10000 },
        },
    })
}

fn cursor_schema() -> Value {
    json!({
        "type": "object",
        "required": ["after"],
        "additionalProperties": false,
        "properties": { "after": {
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "A cursor of `/v1/events`; null begins with the first event there is.",
        } },
    })
}

const CODE: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$";

fn person_schema() -> Value {
    let roles: Vec<&str> = casework::Role::ALL.iter().map(|role| role.as_str()).collect();
    json!({
        "type": "object",
        "required": ["subject", "roles"],
        "additionalProperties": false,
        "properties": {
            "subject": { "type": "string", "minLength": 1, "maxLength": 200,
                "description": "`sub` of the person's tokens." },
            "issuer": { "type": "string", "description": "Their issuer, where the hub trusts several." },
            "roles": { "type": "array", "items": { "type": "string", "enum": roles } },
            "active": { "type": "boolean", "description": "False: may not act any more. True if absent." },
        },
    })
}

fn reason_schema() -> Value {
    json!({
        "type": "object",
        "required": ["reason"],
        "additionalProperties": false,
        "properties": { "reason": { "type": "string", "pattern": CODE } },
    })
}

fn switch_schema() -> Value {
    json!({
        "type": "object",
        "required": ["agency", "off", "reason"],
        "additionalProperties": false,
        "properties": {
            "agency": { "type": "string" },
            "message": { "type": "string", "description": "A message's name; every message if absent." },
            "off": { "type": "boolean" },
            "reason": { "type": "string", "pattern": CODE },
        },
    })
}
