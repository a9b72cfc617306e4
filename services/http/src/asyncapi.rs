//! The description of events (AsyncAPI 3.1), made from the same table as the events themselves: what is
//! streamed, and what is posted to webhooks. The list of events stands in the OpenAPI document.

use hub::{EVENT_TYPES, EventType, TRIAL};
use serde_json::{Map, Value, json};

use crate::stream;

/// What a webhook's body is.
const CLOUD_EVENT: &str = "application/cloudevents+json";

/// The document of a hub reached at `base_url`.
#[must_use]
pub fn document(base_url: &str) -> Value {
    let (protocol, host) = base_url.split_once("://").unwrap_or(("https", base_url));
    let posted = || EVENT_TYPES.iter().chain(std::iter::once(&TRIAL));
    json!({
        "asyncapi": "3.1.0",
        "info": {
            "title": "Amaan: events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What happens to an agency's referrals, without personal data. The list \
                            (`GET /v1/events`), the stream and webhooks tell the same events in the same \
                            bytes.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": CLOUD_EVENT,
        "servers": { "hub": {
            "host": host,
            "protocol": protocol,
            "security": [{ "$ref": "#/components/securitySchemes/token" }],
        } },
        "channels": {
            "stream": {
                "address": "/v1/events/stream",
                "title": "Server-sent events",
                "description": format!(
                    "`{}`: `data` is the event, `id` the cursor, `event` the type. `Last-Event-ID` goes on \
                     after an event. The stream ends before the token does.", stream::MEDIA
                ),
                "servers": [{ "$ref": "#/servers/hub" }],
                "messages": references(&mut EVENT_TYPES.iter()),
            },
            "webhooks": {
                "address": null,
                "title": "Webhooks",
                "description": "Posted to the address in the hub's configuration, by the Standard Webhooks \
                                specification: in order, each again under the same `webhook-id` until it is \
                                answered with a status from 200 to 299; 410 ends it.",
                "messages": references(&mut posted()),
            },
        },
        "operations": {
            "stream": operation("stream", "An agency's system listens.", &mut EVENT_TYPES.iter()),
            "post": operation("webhooks", "The hub posts.", &mut posted()),
        },
        "components": {
            "messages": posted().map(|kind| (kind.name.to_owned(), message(kind))).collect::<Map<_, _>>(),
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "at+jwt (RFC 9068)",
                "description": "From the issuer this hub trusts, by client credentials.",
            } },
        },
    })
}

type Kinds<'a> = &'a mut dyn Iterator<Item = &'static EventType>;

fn references(kinds: Kinds<'_>) -> Map<String, Value> {
    let reference = |kind: &EventType| json!({ "$ref": format!("#/components/messages/{}", kind.name) });
    kinds.map(|kind| (kind.name.to_owned(), reference(kind))).collect()
}

/// The hub sends; whoever listens receives.
fn operation(channel: &str, summary: &str, kinds: Kinds<'_>) -> Value {
    let of = |kind: &EventType| json!({ "$ref": format!("#/channels/{channel}/messages/{}", kind.name) });
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "summary": summary,
        "messages": kinds.map(of).collect::<Vec<_>>(),
    })
}

fn message(kind: &EventType) -> Value {
    json!({
        "name": kind.name,
        "summary": kind.about,
        "contentType": CLOUD_EVENT,
        "payload": kind.schema(),
        "headers": signed(),
        "examples": [{ "payload": kind.example() }],
    })
}

/// The headers of a webhook; the stream has none of them.
fn signed() -> Value {
    json!({
        "type": "object",
        "properties": {
            "webhook-id": { "type": "string", "description": "The event's id, the same on each try." },
            "webhook-timestamp": { "type": "string", "description": "Seconds since 1970, of this try." },
            "webhook-signature": {
                "type": "string",
                "description": "`v1a,` (Ed25519) or `v1,` (HMAC-SHA256), base64, over `id.timestamp.body`.",
            },
        },
    })
}
