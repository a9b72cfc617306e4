//! `cargo run -p xtask -- tidy`: prints what `tidy` found and ends with 0 (nothing), 1 (something) or
//! 2 (asked for a chore that does not exist). It has no logic of its own; see the library.

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- tidy [FOLDER]";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let chore = words.next();
    let root = words.next().map_or_else(repository, PathBuf::from);
    match (chore.as_deref(), words.next()) {
        (Some("tidy"), None) => tidy(&root),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn tidy(root: &std::path::Path) -> ExitCode {
    let findings = xtask::tidy(root);
    for finding in &findings {
        println!("{finding}\n");
    }
    if findings.is_empty() {
        eprintln!("tidy: nothing to mend");
        ExitCode::SUCCESS
    } else {
        eprintln!("tidy: {} to mend", findings.len());
        ExitCode::FAILURE
    }
}

/// The folder above `ops/xtask`.
fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join("..")
}
