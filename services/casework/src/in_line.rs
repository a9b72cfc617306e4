//! The order in which one agency gets the messages of one referral: a later one waits while an earlier one is
//! on its way or rests with a person. An agency that read "cancelled" before "requested" would not know what
//! of. What was refused or called back holds nothing up, and a request is always the first.

use crate::{Delivery, DeliveryId, MessageKind};

/// The earlier message that this one has to wait for, among the messages of its referral.
#[must_use]
pub fn waits_for<'a>(held: &Delivery, others: impl IntoIterator<Item = &'a Delivery>) -> Option<DeliveryId> {
    if held.message == MessageKind::Request {
        return None;
    }
    let before = |other: &&Delivery| (other.created, other.id) < (held.created, held.id);
    let ahead = others.into_iter().filter(|other| other.referral == held.referral && other.to == held.to);
    let open = ahead.filter(|other| other.status.in_flight() || other.status.is_dead());
    open.filter(before).min_by_key(|other| (other.created, other.id)).map(|other| other.id)
}
