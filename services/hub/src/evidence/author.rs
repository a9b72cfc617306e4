//! Whose message a step is: the sender's or the receiver's. A step can be taken by one side only, so an entry
//! says by its step who wrote what it commits to, and no label in a bundle can say otherwise. It knows no
//! agency; who the sides are stands in the referral's first entry.

use casework::MessageKind;

use super::lines::Side;

/// Whose message of a step is kept; nobody's where the hub itself took it.
pub(super) const fn author(step: MessageKind) -> Option<Side> {
    use MessageKind as M;
    match step {
        M::Request | M::Information | M::Close | M::Feedback | M::CancelRequest | M::Void => {
            Some(Side::Sender)
        }
        M::ConsentRevoked => Some(Side::Sender),
        M::Received | M::Accept | M::Reject | M::Hold | M::Resume | M::Progress | M::Outcome => {
            Some(Side::Receiver)
        }
        M::CancelConfirm | M::CancelRefuse | M::Purged | M::Cease => Some(Side::Receiver),
        // What sends a draft is not kept; what it sends is the request.
        M::Send | M::Overdue | M::IdentityCheck | M::IdentityResult => None,
    }
}
