//! Use cases of the hub without HTTP, where a whole sandbox cannot show them: a policy that fails at intake,
//! what a child asked to withhold, what events tell, when a delivery is tried again, a body that was changed
//! on its way through the queue, a queue that is out of order, an agency that does not answer, a message that
//! panics, consent that ends, an identity check whose hub died, acts that take two people, incidents,
//! switches, and another set of policies that comes into force.

mod approvals;
mod at_hand;
mod break_glass;
mod breaker;
mod carried;
mod consent;
mod conservation;
mod dead_letters;
mod drafts;
mod events;
mod feeds;
mod held;
mod identity_checks;
mod in_line;
mod incidents;
mod lost_checks;
mod people;
mod policies;
mod preview;
mod quarantine;
mod retry;
mod revoked;
mod switches;
mod who_saw;
mod without_queue;
pub mod world;
