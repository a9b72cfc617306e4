//! `GET /v1/keys`: the public keys that the hub signs copies with, and those of the ledger with their times.
//! The ledger's stand in `/v1/audit/key` too, in the form that witnesses read.

use identity::SigningKeys;
use serde_json::{Value, json};
use store::ToldKey;

use crate::answer;
use crate::call::Call;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/keys",
    role: Some(Role::Api),
    access: Access::Public,
    summary: "Fetch the keys that copies of messages are signed with",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "A JWK set (RFC 7517). With it a recipient checks `signed` of an inbox message, and the header \
         `Amaan-Signature` of a call that it gets. `ledger`: the keys that checkpoints are, or were, signed \
         with, the newest first, each with `since` and `until`.",
    ),
    handle: |call| Box::pin(async move { answer::json(&keys(&call)) }),
};

fn keys(call: &Call) -> Value {
    let store = &call.hub().store;
    let mut keys = SigningKeys::set_of(&store.keys().copy_key());
    if let Some(members) = keys.as_object_mut() {
        let ledger: Vec<Value> = store.note_keys().iter().map(ledger_key).collect();
        members.insert("ledger".to_owned(), json!(ledger));
    }
    keys
}

fn ledger_key(told: &ToldKey) -> Value {
    let mut row = json!({ "key": told.vkey });
    for (name, at) in [("since", told.since), ("until", told.until)] {
        if let (Some(members), Some(at)) = (row.as_object_mut(), at) {
            members.insert(name.to_owned(), json!(at.to_string()));
        }
    }
    row
}
