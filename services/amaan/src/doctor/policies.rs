//! Which agreements are in force, how long they bind, and can the set in the folder be used? Judged from the
//! files and from what the store says; no hub is asked.

use std::path::Path;

use casework::PolicySet;
use policies::{Agreement, Moment, Policies, Standing};

use super::finding::{Finding, Rank};
use crate::config::Settings;

/// The set in force where two people approved one; otherwise the program's own.
pub fn look(
    settings: &Settings,
    approved: Option<&(PolicySet, Option<String>)>,
    now: Moment,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(settings.policies.dir.as_deref().and_then(folder));
    let in_force = match approved {
        None => Policies::embedded().map_err(|error| error.to_string()),
        Some((held, text)) => text_of(held, text.as_deref(), settings.policies.dir.as_deref()),
    };
    match in_force {
        Ok(set) => findings.extend(agreements(&set, now)),
        Err(why) => findings.push(Finding::new(
            Rank::Blocker,
            "policies",
            format!("the approved set cannot be used: {why}"),
            "a hub that starts decides nothing: intake is held for a person, nothing is shown",
            "put the approved set's files into `policies.dir`, see ops/runbooks/policies.md",
        )),
    }
    findings
}

/// The approved set's text: as kept, or as it lies in the folder.
fn text_of(held: &PolicySet, text: Option<&str>, dir: Option<&Path>) -> Result<Policies, String> {
    let kept = text.ok_or_else(|| format!("the text of {} is not kept", held.set));
    let kept = kept.and_then(|text| Policies::from_bundle(text).map_err(|error| error.to_string()));
    let in_folder = || dir.and_then(|dir| Policies::from_dir(dir).ok());
    let is_it = |set: &Policies| set.set_digest() == held.set;
    match kept {
        Ok(set) if is_it(&set) => Ok(set),
        Ok(_) => Err(format!("the text kept for {} is another set's", held.set)),
        Err(why) => in_folder().filter(is_it).ok_or(why),
    }
}

fn folder(dir: &Path) -> Option<Finding> {
    let error = Policies::from_dir(dir).err()?;
    Some(Finding::new(
        Rank::Warning,
        dir.display().to_string(),
        format!("holds a set that cannot be used: {error}"),
        "the set in force stays; this one cannot be proposed",
        format!("`amaan policy test --dir {}` shows all, then mend it", dir.display()),
    ))
}

fn agreements(set: &Policies, now: Moment) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        set.agreements().iter().filter_map(|agreement| ending(agreement, now)).collect();
    let unconfirmed = set.agreements().iter().filter(|agreement| !agreement.is_confirmed());
    let unconfirmed: Vec<&str> = unconfirmed.map(|agreement| agreement.name.as_str()).collect();
    if !unconfirmed.is_empty() {
        findings.push(Finding::new(
            Rank::Note,
            "policies",
            format!("legal bases are assumed of: {}", unconfirmed.join(", ")),
            "no agency has confirmed them: data is shared on a guess",
            "have each confirmed, then say so in its head (`Legal basis: confirmed (...)`)",
        ));
    }
    findings
}

fn ending(agreement: &Agreement, now: Moment) -> Option<Finding> {
    let what = match (agreement.valid.on(now.day), agreement.valid.days_left(now.day)) {
        (Standing::InForce, Some(left)) if left <= hub::ENDING_DAYS => format!("ends in {left} day(s)"),
        (Standing::Ended, _) => "has ended".to_owned(),
        _ => return None,
    };
    Some(Finding::new(
        Rank::Warning,
        format!("agreement {}", agreement.name),
        format!("{what}: {}", agreement.valid),
        "outside its dates nothing is permitted by it: what its agencies send is refused",
        "agree anew, write the dates into its head, propose the set (ops/docs/policies.md)",
    ))
}
