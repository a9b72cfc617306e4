//! Use cases of the hub without HTTP, where a whole sandbox cannot show them: a policy that fails at intake.

mod held;
mod world;
