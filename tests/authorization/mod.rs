//! Who is let in and what is taken: bad requests and bad command lines as tables, each row with the stable
//! word of its refusal; every rule of a token and of the login flow, broken; every role of every agency at
//! every endpoint of the API's own description, and what each look leaves behind. Against the sandbox that
//! the journeys use, tokens also against a hub over TLS, the login flow against an issuer that misbehaves.

mod bad_messages;
mod bad_requests;
mod command_lines;
mod endpoints;
mod login;
mod looks;
mod missing_scopes;
mod objects;
mod placed;
mod policy_commands;
mod raw;
mod refused;
mod signatures;
mod signed;
mod signing_keys;
mod token_rules;
