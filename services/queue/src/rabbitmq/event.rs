//! A parcel as a message and back: the attributes of a CloudEvents 1.0 event as headers, the body the very
//! ciphertext. The names follow the AMQP binding's manner; no binding for AMQP 0-9-1 exists or is claimed.
//! What does not read is told by the header's name, never by what stands in it.

use std::str::FromStr;

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use crate::Parcel;

const SPEC: &str = "1.0";
const MESSAGE: &str = "application/octet-stream";
/// Longest header that is looked at.
const HEADER_MAX: usize = 256;
/// Kept on disk by the broker.
const PERSISTENT: u8 = 2;

/// The properties of a parcel's message.
pub(super) fn properties(parcel: &Parcel, source: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut put = |name: &str, value: String| {
        headers.insert(format!("cloudEvents:{name}").as_str().into(), AMQPValue::LongString(value.into()));
    };
    put("specversion", SPEC.to_owned());
    put("id", parcel.delivery.to_string());
    put("source", source.to_owned());
    put("type", parcel.message.to_string());
    put("subject", parcel.case.to_string());
    put("datacontenttype", MESSAGE.to_owned());
    put("dataschema", parcel.schema.clone());
    put("recipient", parcel.to.to_string());
    put("object", parcel.object.to_string());
    put("key", parcel.key.to_string());
    if let Some(attempts) = parcel.attempts {
        put("attempts", attempts.to_string());
    }
    if let Some(trace) = &parcel.trace {
        put("traceparent", trace.clone());
    }
    named(&parcel.delivery.to_string()).with_content_type(MESSAGE.into()).with_headers(headers)
}

/// A lasting message by this name.
pub(super) fn named(id: &str) -> BasicProperties {
    BasicProperties::default().with_delivery_mode(PERSISTENT).with_message_id(id.into())
}

/// The parcel in a message, or the header that does not read.
pub(super) fn parcel(properties: &BasicProperties, body: Vec<u8>) -> Result<Parcel, &'static str> {
    let none = FieldTable::default();
    let headers = properties.headers().as_ref().unwrap_or(&none);
    if text(headers, "specversion") != Some(SPEC) {
        return Err("specversion");
    }
    Ok(Parcel {
        delivery: read(headers, "id")?,
        to: read(headers, "recipient")?,
        message: read(headers, "type")?,
        case: read(headers, "subject")?,
        attempts: attempts(headers)?,
        object: read(headers, "object")?,
        key: read(headers, "key")?,
        schema: read(headers, "dataschema")?,
        trace: text(headers, "traceparent").map(ToOwned::to_owned),
        sealed: body.into(),
    })
}

fn attempts(headers: &FieldTable) -> Result<Option<u32>, &'static str> {
    text(headers, "attempts").map(|text| text.parse().map_err(|_| "attempts")).transpose()
}

fn read<T: FromStr>(headers: &FieldTable, name: &'static str) -> Result<T, &'static str> {
    text(headers, name).and_then(|text| text.parse().ok()).ok_or(name)
}

fn text<'a>(headers: &'a FieldTable, name: &str) -> Option<&'a str> {
    let held = headers.inner().get(format!("cloudEvents:{name}").as_str())?;
    let bytes = held.as_long_string()?.as_bytes();
    (bytes.len() <= HEADER_MAX).then(|| std::str::from_utf8(bytes).ok()).flatten()
}
