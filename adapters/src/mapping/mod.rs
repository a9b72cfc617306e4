//! A mapping: one jq program between the hub's form and an agency's. jaq has no fuel limit and a deep
//! recursion ends the process, so a program runs only after its syntax tree was admitted; what it may do is
//! listed in `admit`, what it may cost is computed in `cost`. Not here: target schemas, transports.

mod admit;
mod convert;
mod cost;
mod error;
mod natives;
mod rewrite;
mod run;

pub use error::{MappingError, NotAdmitted};
pub use run::Mapping;

/// Longest program, in bytes. The longest in the repository has about 5 000.
pub const PROGRAM_BYTES_MAX: usize = 16 * 1024;
/// Opening brackets in a program at most, counted before it is parsed, because the parser recurses.
pub const BRACKETS_MAX: usize = 1_024;
/// Depth of a program's syntax tree at most.
pub const DEPTH_MAX: usize = 128;
/// Largest input of a run, as compact JSON: a message of 1 MiB and its envelope.
pub const INPUT_BYTES_MAX: usize = 1024 * 1024 + 64 * 1024;
/// Elements of an input's array, or members of an object, at most.
pub const ITEMS_MAX: usize = 128;
/// Nesting of an input at most; message schemas allow 32.
pub const INPUT_DEPTH_MAX: usize = 48;
/// Largest output of a run, as compact JSON.
pub const OUTPUT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longest text `word` lets through, in bytes.
pub const WORD_BYTES_MAX: usize = 120;
