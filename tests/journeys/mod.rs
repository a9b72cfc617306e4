//! Whole journeys against one running `amaan sandbox`: the program as its users meet it, over its API, its
//! command line and the simulated agencies' own screens. Nothing here reaches inside; rules, policies and
//! protocols have areas of their own.

pub mod answer;
pub mod messages;
pub mod sandbox;

mod canaries;
mod case_by_story;
mod consent;
mod conservation;
mod copies;
mod dead_letters;
mod desk;
mod disclosure;
mod documents;
mod events;
mod evidence;
mod history;
mod next_actions;
mod overdue;
mod policies;
mod receipts;
mod referral_commands;
mod repeating;
mod service;
mod signing;
mod statistics;
pub mod tlog;
mod told_at_once;
mod traces;
mod two_people;
mod users_ask;
mod verify_us;
mod versions;
pub mod wiring;
