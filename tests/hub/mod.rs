//! Use cases of the hub without HTTP, where a whole sandbox cannot show them: a policy that fails at intake,
//! and what a child asked to withhold.

mod consent;
mod held;
mod world;
