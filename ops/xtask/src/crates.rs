//! The edges between our crates and to fenced dependencies, as `cargo metadata` tells them, against the
//! tables in `house`. Only manifests are read: no lock file, no network, no sources of others.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::Finding;
use crate::house::{self, OUTSIDE};

/// The part of `cargo metadata` that is needed here.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// The name it goes by in the manifest, where that is another.
    rename: Option<String>,
    /// Set for a crate of ours; a registry crate has none.
    path: Option<String>,
}

/// Findings about crates: upward and sideways edges, broken fences, crates the tables do not know.
pub(crate) fn check(root: &Path) -> Vec<Finding> {
    let packages = match metadata(root) {
        Ok(metadata) => metadata.packages,
        Err(what) => return vec![no_metadata(what)],
    };
    packages.iter().flat_map(|package| check_package(root, package)).collect()
}

fn metadata(root: &Path) -> Result<Metadata, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cannot read cargo metadata: {error}"))
}

fn no_metadata(what: String) -> Finding {
    Finding {
        path: "Cargo.toml".to_owned(),
        line: 0,
        rule: "crates",
        what,
        why: "without the list of crates no edge can be checked",
        fix: "mend the manifest so that cargo can read it".to_owned(),
    }
}

fn check_package(root: &Path, package: &Package) -> Vec<Finding> {
    let manifest = Manifest::read(root, &package.manifest_path);
    let Some(level) = house::level(&package.name) else {
        return vec![unlisted(&manifest, &package.name)];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        if dependency.path.is_some() {
            findings.extend(check_edge(&manifest, package, level, dependency));
        } else if level < OUTSIDE {
            findings.extend(check_fence(&manifest, package, dependency));
        }
    }
    findings
}

fn unlisted(manifest: &Manifest, name: &str) -> Finding {
    Finding {
        path: manifest.path.clone(),
        line: manifest.line_of("name"),
        rule: "level",
        what: format!("crate `{name}` stands on no floor of the house"),
        why: "a crate exists to fence a dependency or a level; otherwise it is a module",
        fix: "make it a module, or add it to LEVELS in ops/xtask/src/house.rs and to ARCHITECTURE.md"
            .to_owned(),
    }
}

fn check_edge(manifest: &Manifest, package: &Package, level: u8, dependency: &Dependency) -> Option<Finding> {
    let to = dependency.name.as_str();
    let below = house::level(to)?;
    if below < level {
        return None;
    }
    let direction = if below == level { "sideways" } else { "upward" };
    Some(Finding {
        path: manifest.path.clone(),
        line: manifest.line_of(dependency.rename.as_deref().unwrap_or(to)),
        rule: "level",
        what: format!("`{}` (level {level}) depends {direction} on `{to}` (level {below})", package.name),
        why: "arrows point down, so that each floor can be read and tested without those above it",
        fix: "move the shared type down, or pass what is needed as an argument from above".to_owned(),
    })
}

fn check_fence(manifest: &Manifest, package: &Package, dependency: &Dependency) -> Option<Finding> {
    let to = dependency.name.as_str();
    let fence = house::fence(to)?;
    if fence.inside.contains(&package.name.as_str()) {
        return None;
    }
    let inside = if fence.inside.is_empty() { "tests".to_owned() } else { fence.inside.join(", ") };
    Some(Finding {
        path: manifest.path.clone(),
        line: manifest.line_of(dependency.rename.as_deref().unwrap_or(to)),
        rule: "fence",
        what: format!("`{}` names `{to}`, which is fenced into: {inside}", package.name),
        why: fence.why,
        fix: format!("let {inside} offer what is needed in words of our own"),
    })
}

/// A crate's manifest, to point at the line a dependency stands on.
struct Manifest {
    path: String,
    text: String,
}

impl Manifest {
    fn read(root: &Path, full: &str) -> Self {
        let text = std::fs::read_to_string(full).unwrap_or_default();
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let path = Path::new(full).strip_prefix(&root).unwrap_or_else(|_| Path::new(full));
        Self { path: path.to_string_lossy().replace('\\', "/"), text }
    }

    /// The first line that begins with `key`; 0 when none does.
    fn line_of(&self, key: &str) -> usize {
        let names_it = |line: &str| {
            line.trim_start()
                .trim_start_matches('"')
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with([' ', '.', '=', '"', ']']))
        };
        self.text.lines().position(names_it).map_or(0, |index| index + 1)
    }
}
