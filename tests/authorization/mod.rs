//! Who is let in and what is taken: bad requests, bad tokens and bad command lines as tables, each row with
//! the stable word of its refusal; and a list of every endpoint that is refused without a token, made from
//! the API's own description. All against the sandbox that the journeys use.

mod bad_messages;
mod bad_requests;
mod bad_tokens;
mod command_lines;
mod endpoints;
mod looks;
mod objects;
mod placed;
mod raw;
mod refused;
