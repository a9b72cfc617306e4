//! Stops the build where a column of the migrations is not classified in `disclosure.toml`, or a line there
//! names a column that is no more. A new column is a decision about personal data; it is made where the
//! column is made.

#[path = "build/columns.rs"]
mod columns;

use std::path::Path;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=disclosure.toml");
    println!("cargo::rerun-if-changed=build");
    columns::check(Path::new(env!("CARGO_MANIFEST_DIR")))
}
