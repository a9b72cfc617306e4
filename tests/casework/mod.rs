//! The domain by itself: random sequences of commands against the principles, the whole table of steps, the
//! bytes of leaves, the calendar, the spoken reference, the texts of ids and codes. No storage, no schema.

mod calendar;
mod deliveries;
mod evidence;
mod intents;
mod invariants;
mod leaves;
mod overdue;
mod reference;
mod sequences;
mod texts;
mod transitions;
mod users_ask;
mod world;
