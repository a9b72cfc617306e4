//! How fast and how much anyone may ask. Every default is PROPOSED: nobody has measured what the agencies'
//! people need.

use std::path::PathBuf;

use hub::LimitSettings;
use serde::Deserialize;
use validator::Validate;

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Bounds, Fallback, Key, Kind, Section, Shape};

/// More than any hub answers, to have no limit.
const RATE: Bounds = Bounds { min: 1, max: 1_000_000 };
const BUDGET: Bounds = Bounds { min: 1, max: 1_000_000_000 };
/// Not zero: an answer's time would tell hit from miss.
const FLOOR_MS: Bounds = Bounds { min: 20, max: 20_000 };

/// A number within bounds.
const fn number(name: &'static str, bounds: Bounds, fallback: u64, about: &'static str) -> Key {
    Key { name, kind: Kind::Number(bounds), fallback: Fallback::Number(fallback), about }
}

pub const SECTION: Section = Section {
    name: "limits",
    shape: Shape::One,
    about: "How fast and how much anyone may ask (ops/docs/limits.md). Proposed, not measured. Rates may be \
            used at once and come back evenly; days are Pakistan's.",
    keys: &[
        number("reads_per_minute", RATE, 6_000, "Reads of an agency's system."),
        number("writes_per_minute", RATE, 6_000, "Writes of an agency's system, but for new referrals."),
        number("intake_per_minute", RATE, 6_000, "New referrals and drafts of an agency's system."),
        number(
            "emergencies_per_minute",
            RATE,
            600,
            "Emergencies taken though `intake_per_minute` is used up.",
        ),
        number("identity_checks_per_minute", RATE, 60, "Identity checks of anyone."),
        number(
            "person_requests_per_minute",
            RATE,
            600,
            "Reads, writes and new referrals, each, of a person or of a client that is no agency's system.",
        ),
        number(
            "sign_ins_per_minute",
            RATE,
            60,
            "Tries to sign in at the desk from one address; behind a proxy all come from the proxy's.",
        ),
        number(
            "desk_visits_per_minute",
            RATE,
            1_200,
            "Visits to the desk from one address, counted before it is known whose they are; behind a proxy \
             all come from the proxy's.",
        ),
        number("confirmations_per_minute", RATE, 10, "Times that a session at the desk is confirmed."),
        number("identity_checks_per_hour", BUDGET, 20, "Identity checks of a person or client."),
        number("identity_checks_per_day_of_agency", BUDGET, 200, "Identity checks of an agency."),
        number("identity_children_per_day", BUDGET, 30, "Different identity numbers of a person or client."),
        number(
            "identity_children_per_day_of_agency",
            BUDGET,
            200,
            "Different identity numbers of an agency.",
        ),
        number("reads_per_day", BUDGET, 20_000, "Looks at personal data of a person or client."),
        number("reads_per_day_of_agency", BUDGET, 200_000, "Looks at personal data of an agency."),
        number("children_per_day", BUDGET, 2_000, "Different cases that a person or client looks into."),
        number("children_per_day_of_agency", BUDGET, 20_000, "Different cases that an agency looks into."),
        number("exports_per_day", BUDGET, 1_000, "Tables of statistics of a person or client."),
        number("exports_per_day_of_agency", BUDGET, 5_000, "Tables of statistics of an agency."),
        number(
            "identity_floor_ms",
            FLOOR_MS,
            1_000,
            "Identity checks are answered at whole multiples of this, so that the time tells nothing.",
        ),
        Key {
            name: "honey_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "Marks of numbers that nobody has a reason to ask for, one on a line, as `amaan config \
                    honey` makes them. A check of one raises an alarm.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub reads_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub writes_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub intake_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub emergencies_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub identity_checks_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub person_requests_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub sign_ins_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub desk_visits_per_minute: u64,
    #[validate(range(min = RATE.min, max = RATE.max))]
    pub confirmations_per_minute: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub identity_checks_per_hour: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub identity_checks_per_day_of_agency: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub identity_children_per_day: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub identity_children_per_day_of_agency: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub reads_per_day: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub reads_per_day_of_agency: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub children_per_day: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub children_per_day_of_agency: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub exports_per_day: u64,
    #[validate(range(min = BUDGET.min, max = BUDGET.max))]
    pub exports_per_day_of_agency: u64,
    #[validate(range(min = FLOOR_MS.min, max = FLOOR_MS.max))]
    pub identity_floor_ms: u64,
    pub honey_file: Option<PathBuf>,
}

impl Concern for Limits {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        held_to_form(&SECTION, SECTION.name, self)
    }
}

impl Limits {
    pub fn settings(&self) -> LimitSettings {
        let of = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        LimitSettings {
            reads_per_minute: of(self.reads_per_minute),
            writes_per_minute: of(self.writes_per_minute),
            intake_per_minute: of(self.intake_per_minute),
            emergencies_per_minute: of(self.emergencies_per_minute),
            identity_checks_per_minute: of(self.identity_checks_per_minute),
            person_requests_per_minute: of(self.person_requests_per_minute),
            sign_ins_per_minute: of(self.sign_ins_per_minute),
            desk_visits_per_minute: of(self.desk_visits_per_minute),
            confirmations_per_minute: of(self.confirmations_per_minute),
            identity_checks_per_hour: of(self.identity_checks_per_hour),
            identity_checks_per_day_of_agency: of(self.identity_checks_per_day_of_agency),
            identity_children_per_day: of(self.identity_children_per_day),
            identity_children_per_day_of_agency: of(self.identity_children_per_day_of_agency),
            reads_per_day: of(self.reads_per_day),
            reads_per_day_of_agency: of(self.reads_per_day_of_agency),
            children_per_day: of(self.children_per_day),
            children_per_day_of_agency: of(self.children_per_day_of_agency),
            exports_per_day: of(self.exports_per_day),
            exports_per_day_of_agency: of(self.exports_per_day_of_agency),
            identity_floor_ms: of(self.identity_floor_ms),
        }
    }
}
