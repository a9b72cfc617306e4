//! Reads an event whose kind comes first, as this program writes it: then it is known at once what follows.
//! In any other order Serde has to keep all members until it has found the kind, which takes three times as
//! long. Whoever calls this reads what it refuses once more in Serde's own way, so that both read the same.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use crate::Event;

const KIND: &str = "kind";

/// For `#[serde(with)]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Event, D::Error> {
    deserializer.deserialize_map(KindFirst)
}

struct KindFirst;

impl<'de> Visitor<'de> for KindFirst {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event that begins with its kind")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
        if map.next_key::<&str>()? != Some(KIND) {
            return Err(A::Error::missing_field(KIND));
        }
        let kind = map.next_value::<&str>()?;
        let rest = MapAccessDeserializer::new(Rest(map));
        match kind {
            "request.submitted" => Deserialize::deserialize(rest).map(Event::Requested),
            "referral.requested" => Deserialize::deserialize(rest).map(Event::Created),
            "referral.drafted" => Deserialize::deserialize(rest).map(Event::Drafted),
            "referral.moved" => Deserialize::deserialize(rest).map(Event::Moved),
            "clock.overdue" => Deserialize::deserialize(rest).map(Event::Overdue),
            "delivery.moved" => Deserialize::deserialize(rest).map(Event::Delivery),
            "identity.moved" => Deserialize::deserialize(rest).map(Event::Identity),
            "register.moved" => Deserialize::deserialize(rest).map(Event::Register),
            "notice.given" => Deserialize::deserialize(rest).map(Event::Noticed),
            "read" => Deserialize::deserialize(rest).map(Event::Read),
            "refused" => Deserialize::deserialize(rest).map(Event::Refused),
            "session.moved" => Deserialize::deserialize(rest).map(Event::Session),
            "conservation.counted" => Deserialize::deserialize(rest).map(Event::Counted),
            _ => Err(A::Error::unknown_variant(kind, &[])),
        }
    }
}

/// The members after the kind, among which no second kind may hide as one that nobody knows.
struct Rest<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.0.next_key::<&str>()? else { return Ok(None) };
        if name == KIND {
            return Err(A::Error::duplicate_field(KIND));
        }
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}
