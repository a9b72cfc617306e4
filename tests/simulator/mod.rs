//! The simulated agencies from outside: each protocol over plain HTTP, the knobs, a kill in between.
//! `World` is a set of running agencies on ephemeral ports; `check` makes one call and compares status and
//! members. Nothing here is the hub: where an agency calls it, `fake_hub` listens.

mod fake_hub;
mod forms;
mod issuer;
mod knobs;
mod laja;
mod logs;
mod nadra;
mod nccia;
mod officers;
mod primero;
mod pull;
mod world;

use serde_json::Value;
use world::{Call, World};

/// Makes the call and holds its answer against a status and the members named in `expected`; gives the
/// answer.
async fn check(world: &World, call: Call, status: u16, expected: Value) -> Value {
    let named = format!("{} {} {}", call.agency, call.method, call.path);
    let (got, answer) = world.call(call).await.expect("an answer");
    assert_eq!(got, status, "{named} answered {answer}");
    for (pointer, value) in expected.as_object().expect("members to compare") {
        let found = answer.pointer(pointer).unwrap_or(&Value::Null);
        assert_eq!(found, value, "{named}: {pointer} of {answer}");
    }
    answer
}
