//! Who is calling: every way a token can be wrong is refused by its own rule, good ones pass and are
//! remembered, and an issuer is asked for its keys no more often than promised.

mod caching;
mod defects;
mod defects_in_claims;
mod defects_in_form;
mod examples;
mod foreign;
mod issuer;
mod key_rotation;
mod responder;
pub mod world;
