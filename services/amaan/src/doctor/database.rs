//! Is the store one that a hub may go on with?

use ::policies::Moment;
use seal::NoteKey;
use store::Probe;

use super::finding::{Finding, Rank};
use super::{policies, probes};
use crate::config::{Databases, Settings};
use crate::wiring;

/// Clocks further apart than this spoil deadlines that two machines compare.
const AHEAD_SECONDS_MAX: u64 = 5;
/// Deliveries are taken up within a quarter of a second; after so long nobody takes them up.
const DUE_SECONDS_MAX: i64 = 60;

/// Asks the store and judges what it says.
pub async fn look(settings: &Settings, databases: Option<Databases>, keys: Vec<NoteKey>) -> Vec<Finding> {
    let lies = wiring::place(settings.hub.data.clone(), databases);
    let place = place(settings);
    let looking = tokio::task::spawn_blocking(move || probes::store(&lies, keys));
    match looking.await.unwrap_or_else(|_| Err("the look at it broke off".to_owned())) {
        Ok(Some(probe)) => {
            let mut findings = judge(settings, &place, &probe);
            findings.extend(policies::look(settings, probe.policies.as_ref(), Moment::of(probe.now)));
            findings
        }
        // Made at the first start.
        Ok(None) => policies::look(settings, None, Moment::of(store::CaseClock::default().real())),
        Err(error) => vec![Finding::new(
            Rank::Blocker,
            place,
            format!("cannot be read: {error}"),
            "the hub keeps everything there",
            "see that the server runs and can be reached, or that the files are whole and the hub's own",
        )],
    }
}

fn place(settings: &Settings) -> String {
    match &settings.store.url_file {
        Some(file) => format!("the database of {}", file.display()),
        None => format!("the store in {}", settings.hub.data.display()),
    }
}

fn migrate(settings: &Settings) -> String {
    format!("`amaan migrate --config {}`", settings.file.display())
}

fn judge(settings: &Settings, place: &str, probe: &Probe) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |rank, what: String, why: &str, fix: String| {
        findings.push(Finding::new(rank, place, what, why, fix));
    };
    for lax in &probe.lax {
        let why = "a receipt promises what a power cut must not take back";
        find(Rank::Blocker, lax.clone(), why, "turn it on in the server's configuration".to_owned());
    }
    if !probe.unknown.is_empty() {
        let what = format!("holds migrations this version does not know: {}", probe.unknown.join(", "));
        let why = "a newer version wrote there; this one would misread it";
        find(Rank::Blocker, what, why, "run the newer version".to_owned());
    }
    if !probe.pending.is_empty() {
        let what = format!("lacks migrations: {}", probe.pending.join(", "));
        let why = "its tables are of an older version; the next start brings them up";
        find(Rank::Note, what, why, migrate(settings));
    }
    if let Some(why) = &probe.suspect {
        let fix = format!("`amaan audit verify --data {}`", settings.hub.data.display());
        let matters = "the hub begins another epoch at its start, and shows nothing until two people looked";
        find(Rank::Blocker, format!("is suspect: {why}"), matters, fix);
    }
    // Without `ca_file` the server is on this machine; `config` sees to that.
    if probe.tls == Some(false) && settings.store.ca_file.is_some() {
        let why = "passwords and children's data cross the network in clear";
        find(Rank::Blocker, "is reached in clear".to_owned(), why, "turn TLS on at the server".to_owned());
    }
    if probe.ahead_seconds.unsigned_abs() > AHEAD_SECONDS_MAX {
        let what = format!("has a clock {} s away from this machine's", probe.ahead_seconds);
        let why = "case time is the database's; leases and tokens are this machine's";
        find(Rank::Warning, what, why, "let both keep time by the same server (NTP)".to_owned());
    }
    if probe.dead_letters > 0 {
        let what = format!("holds {} that rest with a person", counted(probe.dead_letters));
        let why = "a message for a child has not arrived, and nothing more is tried";
        find(Rank::Warning, what, why, "`amaan dead-letter list`".to_owned());
    }
    // A row of one that the configuration has no more tells nothing.
    for name in probe.disabled_webhooks.iter().filter(|name| settings.webhooks.contains_key(*name)) {
        let fix = format!("mend its receiver, then `POST /v1/webhooks/{name}/replay`");
        let why = "its receiver did not take an event for days; its agency is told nothing by it any more";
        find(Rank::Warning, format!("has disabled the webhook {name}"), why, fix);
    }
    if let Some(waited) = probe.oldest_due_seconds.filter(|waited| *waited > DUE_SECONDS_MAX) {
        let what = format!("holds a delivery that has been due for {waited} s");
        let why = "nobody delivers: no process with the role `delivery` runs, or it cannot go on";
        find(Rank::Warning, what, why, "start one with `amaan serve`, or read its log".to_owned());
    }
    findings.extend(probe.silent.iter().map(|silent| quiet(place, silent)));
    findings.extend(conservation(place, probe));
    findings
}

fn quiet(place: &str, (agency, minutes, bound): &(casework::AgencyCode, u64, u64)) -> Finding {
    let (hours, bound) = (minutes / 60, bound / 60);
    let what = format!("has had nothing from {agency} for {hours} h; it is seldom silent for over {bound} h");
    let why = "its system may run and send nothing, and nobody at the other end can know";
    Finding::new(Rank::Warning, place, what, why, "see ops/runbooks/silence.md".to_owned())
}

/// Both principles: as counted now, or, where the ledger is too long for that, as a hub last counted them.
fn conservation(place: &str, probe: &Probe) -> Option<Finding> {
    let last = probe.counted.as_ref();
    let found =
        probe.recount.as_ref().or_else(|| last.map(|count| &count.found)).filter(|found| !found.holds())?;
    let broken = found.lost.saturating_add(found.unowned);
    let first = found.violations.first();
    let named = first.map_or_else(String::new, |first| format!(": {} {}", first.id, first.what));
    let what = format!("breaks a promise in {broken} place(s){named}");
    let why = "a message for a child is lost, or a child has nobody and no clock";
    Some(Finding::new(Rank::Blocker, place, what, why, "see ops/runbooks/conservation.md".to_owned()))
}

fn counted(number: u64) -> String {
    if number == 1 { "1 delivery".to_owned() } else { format!("{number} deliveries") }
}
