//! Use cases of the hub without HTTP, where a whole sandbox cannot show them: a policy that fails at intake,
//! what a child asked to withhold, what events tell, when a delivery is tried again, a body that was changed
//! on its way through the queue, a queue that is out of order, an agency that does not answer, a message that
//! panics, consent that ends, an identity check whose hub died, acts that take two people, incidents,
//! switches, and another set of policies that comes into force.

mod acknowledged;
mod approvals;
mod at_hand;
mod audited;
mod break_glass;
pub mod breaker;
mod carried;
mod consent;
mod conservation;
mod dead_letters;
mod drafts;
mod erasure;
mod erasure_in_doubt;
mod events;
mod evidence;
mod feeds;
pub mod held;
mod identity_checks;
mod in_line;
mod incidents;
mod ledger_epochs;
mod ledger_suspect;
mod lost_checks;
mod note_keys;
mod of_party;
mod past_decisions;
mod people;
pub mod policies;
mod preview;
mod quarantine;
mod retention;
mod retry;
mod revoked;
mod switches;
mod through_glass;
mod who_saw;
mod without_queue;
mod witnesses;
pub mod world;
