//! Rows of the table of problems for a door that is closed until somebody has looked.

use super::table::{Kind, ask};

pub(super) const INTAKE: Kind = ask(
    "intake-closed",
    503,
    "Nothing can be taken now",
    "the database is not what the hub signed, so nothing is entered until an operator has looked",
    "An operator has been alarmed. Keep the message, with its idempotency key; in an emergency use the \
     telephone.",
);

pub(super) const DISCLOSURE: Kind = ask(
    "disclosure-closed",
    503,
    "Nothing can be shown now",
    "policies or keys are in doubt, so nothing about a child is shown until an operator has looked",
    "New referrals are still taken. An operator has been alarmed; in an emergency use the telephone.",
);

pub(super) const LEDGER_SUSPECT: Kind = ask(
    "ledger-suspect",
    503,
    "The ledger is suspect, so nothing is shown",
    "the hub's ledger is not what a witness saw of it, or what was signed, so nothing about a child is shown \
     until two people of the hub have looked",
    "New referrals and answers are still taken, and their receipts hold; what is on its way waits, and \
     nothing is lost. Try again after `Retry-After`. In an emergency use the telephone.",
);
