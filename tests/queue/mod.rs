//! The queue: what both kinds promise (one contract), and what the broker's kind does when things go wrong.
//! What needs a broker runs where `AMAAN_QUEUE_URL` names one, each test under a prefix of its own.

mod broker;
mod contract;
mod faults;
mod letters;
mod proxy;
mod shortage;
