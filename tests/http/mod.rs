//! The edge: one table of endpoints and one of problems, from which routes, the OpenAPI document and the
//! pages are made; events as a stream and posted; strict queries and headers; and a hub served on loopback,
//! asked for what needs no other agency, in clear and over TLS.

mod asyncapi;
pub mod authority;
mod evidence_page;
mod headers;
mod limits;
mod openapi;
mod problems;
mod queries;
mod roles;
mod routes;
mod served;
mod stream;
mod tiles;
mod timing;
mod tls;
mod webhooks;
pub mod world;
