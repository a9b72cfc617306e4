//! The domain by itself: random sequences of commands against the principles, the whole table of steps, the
//! bytes of leaves, the calendar, the spoken reference, the texts of ids and codes. No storage, no schema.

mod calendar;
mod deliveries;
mod erasures;
mod evidence;
mod intents;
mod invariants;
mod leaves;
mod overdue;
mod reference;
mod registers;
mod retention;
mod sequences;
mod sequences_of_referrals;
mod sequences_of_registers;
mod texts;
mod transitions;
mod users_ask;
mod withdrawn;
mod world;
