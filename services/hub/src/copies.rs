//! What the hub signs of a copy that it hands out: which message it was made of, and from which places
//! something was taken out or changed. How that is written is `adapters::Copied`'s; where the public key
//! stands, the edge's.

use adapters::Copied;
use casework::Delivery;

use crate::Hub;
use crate::cut_down::Cut;
use crate::keep_body::Opened;

/// Of these a recipient does not learn that they were there: whom else the child was referred to, and what
/// the child asked to withhold.
const UNTOLD: [&str; 2] = ["/recipients", "/consent/withheld"];
const MICROS: i64 = 1_000_000;

impl Hub {
    /// What a copy for this delivery is a copy of.
    pub(crate) fn copied(&self, delivery: &Delivery, opened: &Opened, cut: &Cut) -> Option<Copied> {
        let told = |pointer: &&String| !UNTOLD.iter().any(|place| pointer.starts_with(place));
        let removed = cut.why.places.removed.iter().map(|(pointer, _)| pointer);
        let changed = cut.why.places.reductions.iter().map(|reduction| &reduction.from);
        Some(Copied {
            hub: self.name.clone(),
            original: opened.commitment()?.message,
            removed: removed.filter(told).cloned().collect(),
            changed: changed.filter(told).cloned().collect(),
            at: delivery.created.micros() / MICROS,
            key: self.store.keys().copy_key(),
        })
    }
}
