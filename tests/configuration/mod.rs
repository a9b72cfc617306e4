//! Configuration as an operator meets it: the program, a file, the environment, and what it says. Every bad
//! file is a file in `cases/`; what is said about it is a snapshot, and never holds a secret.

mod apart;
mod bad;
mod doctor;
mod epochs;
mod good;
pub mod house;
pub mod place;
mod policies_apart;
mod reference;
pub mod running;
mod servers;
mod tls;
