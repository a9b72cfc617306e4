//! The short list of places where a rule does not hold (`ops/xtask/tidy.toml`), each with a count and a
//! reason. The list may only shrink: a row that allows more than is there is a finding itself.

use serde::Deserialize;

use crate::Finding;
use crate::tree::TextFile;

/// Where the exceptions stand, from the root of the tree.
pub const RULES_FILE: &str = "ops/xtask/tidy.toml";

/// The rules that may have exceptions at all. Levels, fences, heads and categories may not.
const MAY_BE_EXCEPTED: &[&str] =
    &["clock", "talk", "file-length", "line-length", "function-length", "machine-path"];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    rule: String,
    path: String,
    count: usize,
    reason: String,
}

/// The findings that are left after the exceptions, and what is wrong with the exceptions.
pub(crate) fn apply(files: &[TextFile], mut findings: Vec<Finding>) -> Vec<Finding> {
    let Some(file) = files.iter().find(|file| file.path == RULES_FILE) else { return findings };
    let rules: Rules = match toml::from_str(&file.text) {
        Ok(rules) => rules,
        Err(error) => {
            findings.push(about(file, "", format!("cannot be read: {}", error.message()), "mend it"));
            return findings;
        }
    };
    for exception in &rules.exception {
        findings = apply_one(file, exception, findings);
    }
    findings
}

fn apply_one(file: &TextFile, exception: &Exception, findings: Vec<Finding>) -> Vec<Finding> {
    let Exception { rule, path, count, reason } = exception;
    if !MAY_BE_EXCEPTED.contains(&rule.as_str()) || reason.trim().is_empty() {
        let what = format!("`{rule}` for {path}: no such exception is possible, or its reason is empty");
        return with(findings, about(file, path, what, "remove the row, or give the reason"));
    }
    let covered = |finding: &Finding| finding.rule == rule && &finding.path == path;
    let (here, elsewhere): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(covered);
    if here.len() > *count {
        let mut all = elsewhere;
        all.extend(here);
        return all;
    }
    if here.len() < *count {
        let what = format!("`{rule}` for {path} allows {count}, and {} are there", here.len());
        let fix = if here.is_empty() { "remove the row" } else { "lower its count" };
        return with(elsewhere, about(file, path, what, fix));
    }
    elsewhere
}

fn with(mut findings: Vec<Finding>, one: Finding) -> Vec<Finding> {
    findings.push(one);
    findings
}

fn about(file: &TextFile, path: &str, what: String, fix: &str) -> Finding {
    let named = format!("\"{path}\"");
    let line = file.text.lines().position(|line| !path.is_empty() && line.contains(&named));
    Finding {
        path: file.path.clone(),
        line: line.map_or(0, |index| index + 1),
        rule: "exceptions",
        what,
        why: "the list of exceptions may only shrink",
        fix: fix.to_owned(),
    }
}
