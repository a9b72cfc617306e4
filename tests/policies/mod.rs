//! Policies: the decision tables, the whole matrix as reviewed text, the masks, and sets that are refused.

mod explain;
mod masks;
mod matrix;
pub mod refused;
mod tables;
mod validity;

use casework::{AgencyCode, Code, MessageKind, Priority};
use policies::{Act, Ask, Moment, Policies};

/// Agencies a policy names, and one stranger.
const AGENCIES: &[&str] =
    &["ictp", "cpi", "laja", "nccia", "fia-ccw", "nadra", "zarra", "pta", "ncrc", "hub", "stranger"];

fn set() -> &'static Policies {
    static SET: std::sync::LazyLock<Policies> = std::sync::LazyLock::new(|| Policies::embedded().unwrap());
    &SET
}

fn agency(code: &str) -> AgencyCode {
    code.parse().unwrap()
}

fn code(code: &str) -> Code {
    code.parse().unwrap()
}

fn ask(agency_code: &str, roles: &[&str], act: Act, to: Option<&str>, message: Option<MessageKind>) -> Ask {
    Ask {
        counterpart: to.map(agency),
        message,
        service: Some(code("SVC-CYBER")),
        purpose: Some(code("protection")),
        basis: Some(code("statutory")),
        urgency: Some(Priority::Emergency),
        read_version: Some(7),
        ..Ask::of(agency(agency_code), roles.iter().map(ToString::to_string).collect(), act)
    }
}

/// A day on which every agreement of the repository binds.
fn today() -> Moment {
    on("2026-06-15")
}

fn on(day: &str) -> Moment {
    Moment::on(day.parse().unwrap())
}
