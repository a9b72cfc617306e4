//! Use cases of the hub without HTTP, where a whole sandbox cannot show them: a policy that fails at intake,
//! what a child asked to withhold, and when a delivery is tried again.

mod consent;
mod held;
mod retry;
mod world;
