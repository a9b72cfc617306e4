//! The login flow and its sessions: `rules.toml` lists every rule with where it comes from, `defects.rs` and
//! `visits.rs` break each of them in at least one way. None is accepted, and all of one kind look alike. The
//! provider is a scripted one that can misbehave.

mod browser;
mod defects;
mod honest;
mod provider;
mod retention;
mod rules;
mod traces;
mod visits;
mod world;
