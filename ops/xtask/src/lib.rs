//! Chores of the repository. The one that matters is [`tidy`]: it reads the tree and says where the house
//! is not as ARCHITECTURE.md promises. It runs inside the test binary and as `cargo run -p xtask -- tidy`.
//!
//! It is not a linter of Rust's meaning (clippy is), not a formatter, and it changes no file.

mod crates;
mod exceptions;
mod finding;
mod house;
mod lock;
mod machine_paths;
mod rust_files;
mod rust_text;
mod schema_categories;
mod schema_files;
mod script_heads;
mod threats;
mod tree;
mod words;

use std::path::Path;

pub use exceptions::RULES_FILE;
pub use finding::Finding;

/// Everything in the tree under `root` that breaks a rule of the house, in the order of path and line.
///
/// A tree that cannot be read is a finding too, so an empty answer always means "looked, and all is well".
#[must_use]
pub fn tidy(root: &Path) -> Vec<Finding> {
    let files = match tree::read(root) {
        Ok(files) => files,
        Err(error) => return vec![finding::unreadable(root, &error)],
    };
    let mut findings = crates::check(root);
    findings.extend(lock::check(&files));
    for file in &files {
        findings.extend(rust_files::check(file));
        findings.extend(words::check(file));
        findings.extend(script_heads::check(file));
        findings.extend(machine_paths::check(file));
    }
    findings.extend(schema_files::check(&files));
    findings.extend(threats::check(&files));
    let mut left = exceptions::apply(&files, findings);
    left.sort();
    left
}
