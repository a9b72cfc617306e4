//! ICT Police's system: it has no interface of its own that the hub could call. It fetches its messages from
//! the hub's inbox, writes each down, fsynced, and only then acknowledges it. A message it already has is
//! acknowledged again and written down once.
//!
//! Knobs that mean something here: `slow_ms` (before each acknowledgement), `lose_ack_next` (written down,
//! not acknowledged, so it comes again), `duplicate_next` (acknowledged twice), `fail_next` and
//! `time_out_next` (a round in which the system does nothing).

use std::{sync::Arc, time::Duration};

use actix_web::web::{Data, ServiceConfig};
use casework::DeliveryId;
use serde_json::{Value, json};

use crate::{
    clock, control,
    effects::Effect,
    hub_client::{HubClient, Unreached},
    knobs::Fault,
    office::Office,
};

/// While messages come.
const BUSY: Duration = Duration::from_millis(150);
/// The longest pause, after some empty rounds or while the hub is away.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// Mounts the controls; there is no protocol. `Data<Office>` must be there.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.configure(control::routes).configure(control::sending_routes).configure(control::acting_routes);
}

/// Fetches until the simulator stops.
pub(crate) async fn fetch_until_stopped(office: Data<Office>) {
    let office = office.into_inner();
    let mut pause = BUSY;
    while office.wait(pause).await {
        pause = match round(&office).await {
            Ok(0) => pause.saturating_mul(2).min(IDLE_MAX),
            Ok(_) => BUSY,
            Err(unreached) => {
                tracing::debug!(reason = %unreached, "a simulated agency could not reach the hub");
                IDLE_MAX
            }
        };
    }
}

/// One look into the inbox; how many messages were acknowledged.
async fn round(office: &Arc<Office>) -> Result<usize, Unreached> {
    let Some(hub) = office.hub() else { return Ok(0) };
    let answer = hub.get("/v1/inbox").await?;
    let mut acknowledged = 0_usize;
    for item in &items(answer.body) {
        let delivery = item.get("delivery").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let Some(delivery) = delivery else { continue };
        if take_in(office, hub, delivery, item).await? {
            acknowledged = acknowledged.saturating_add(1);
        }
    }
    Ok(acknowledged)
}

/// The messages of an inbox page.
fn items(page: Value) -> Vec<Value> {
    match page {
        Value::Object(mut page) => match page.remove("items") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Writes a message down and acknowledges it; whether the hub took the acknowledgement.
async fn take_in(
    office: &Arc<Office>,
    hub: &HubClient,
    delivery: DeliveryId,
    item: &Value,
) -> Result<bool, Unreached> {
    let fault = office.next_fault();
    if matches!(fault, Fault::Fail | Fault::TimeOut) {
        return Ok(false);
    }
    if !written(office, delivery, item).await || fault == Fault::LoseAck {
        return Ok(false);
    }
    office.dawdle().await;
    let path = format!("/v1/inbox/{delivery}/acknowledge");
    let key = delivery.to_string();
    if fault == Fault::Duplicate {
        hub.post(&path, &key, &json!({}), None).await?;
    }
    let answer = hub.post(&path, &key, &json!({}), None).await?;
    Ok(matches!(answer.status, 200..=299))
}

/// Whether the message now lies on this system's disk. Off the async threads, which are the hub's too where
/// both run in one process.
async fn written(office: &Arc<Office>, delivery: DeliveryId, item: &Value) -> bool {
    let office = Arc::clone(office);
    let item = item.clone();
    let write = move || {
        let effect = |number| effect(number, delivery, &item);
        office.record_once(&delivery, effect).is_ok()
    };
    tokio::task::spawn_blocking(write).await.unwrap_or(false)
}

fn effect(number: String, delivery: DeliveryId, item: &Value) -> Effect {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let schema = item.pointer("/body/schema").and_then(Value::as_str);
    let kind = schema.and_then(|schema| schema.split('/').next()).or_else(|| text("message"));
    Effect {
        at: clock::now().to_string(),
        kind: kind.unwrap_or("message").to_owned(),
        delivery: Some(delivery),
        referral: text("referral").and_then(|text| text.parse().ok()),
        check: text("check").and_then(|text| text.parse().ok()),
        attempt: item.get("attempt").and_then(Value::as_u64).and_then(|attempt| attempt.try_into().ok()),
        reference: number,
        record: None,
        seen: item.clone(),
    }
}
