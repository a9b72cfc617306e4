//! Who holds a mandate on which day, and where a referral goes that is addressed to somebody who held it
//! once. Intervals and defaults come from `codelists/`; whether the sender may send there is policy.

use casework::{AgencyCode, Code};
use chrono::NaiveDate;

use crate::{LoadError, codelist::Lists};

const FILE: &str = "codelists/mandates.csv";

/// An agency holds a mandate from a day (that day counts) to another (that day does not count).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The mandate, `online-child-exploitation` for example.
    pub mandate: Code,
    /// Its holder.
    pub agency: AgencyCode,
    /// First day.
    pub from: NaiveDate,
    /// First day on which it no longer holds; `None` while in force.
    pub to: Option<NaiveDate>,
    /// Where this is known from. Press reports until the agencies confirm.
    pub note: String,
}

/// Where a referral goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The agency that gets it.
    pub to: AgencyCode,
    /// The agency it was addressed to.
    pub addressed: AgencyCode,
    /// The mandate by which `to` gets it; `None` where the service has none or `to` is addressed as itself.
    pub mandate: Option<Code>,
    /// Whether `to` is another than `addressed`.
    pub rerouted: bool,
}

/// Why a referral cannot go where it is addressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteRefusal {
    /// The directory has no such agency.
    #[error("no agency of that code in the directory")]
    UnknownAgency,
    /// The list has no such service.
    #[error("no service of that code")]
    UnknownService,
    /// The agency neither gives the service nor holds, or ever held, its mandate.
    #[error("the agency has no mandate for this service")]
    NoMandate {
        /// Who could be addressed instead, on that day.
        holders: Vec<AgencyCode>,
    },
}

impl Interval {
    fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
    fn overlaps(&self, other: &Self) -> bool {
        let before = |a: &Self, b: &Self| a.to.is_some_and(|to| to <= b.from);
        self.mandate == other.mandate && !before(self, other) && !before(other, self)
    }
}

/// The intervals of the list; two holders at once are refused.
pub(crate) fn intervals(lists: &Lists) -> Result<Vec<Interval>, LoadError> {
    let mut all: Vec<Interval> = Vec::new();
    for row in lists.table("mandates.csv")?.rows() {
        let place = format!("{} from {}", row("mandate"), row("valid_from"));
        let wrong = |what: &str| LoadError::bad(FILE, &place, what);
        let day = |text: &str| text.parse::<NaiveDate>().map_err(|_| wrong("expected a day as YYYY-MM-DD"));
        let to = row("valid_to");
        let interval = Interval {
            mandate: row("mandate").parse().map_err(|_| wrong("the mandate is no code"))?,
            agency: row("agency_code").to_lowercase().parse().map_err(|_| wrong("the agency is no code"))?,
            from: day(&row("valid_from"))?,
            to: if to.is_empty() { None } else { Some(day(&to)?) },
            note: row("note"),
        };
        if all.iter().any(|other| other.overlaps(&interval)) {
            return Err(wrong("two agencies hold the mandate on one day; end the earlier interval first"));
        }
        all.push(interval);
    }
    Ok(all)
}

/// Who holds `mandate` on `day`.
pub(crate) fn holder<'a>(all: &'a [Interval], mandate: &Code, day: NaiveDate) -> Option<&'a AgencyCode> {
    let found = all.iter().find(|interval| interval.mandate == *mandate && interval.covers(day));
    found.map(|interval| &interval.agency)
}

/// Has `agency` a place in the mandate's past, present or future?
pub(crate) fn ever_holds(all: &[Interval], mandate: &Code, agency: &AgencyCode) -> bool {
    all.iter().any(|interval| interval.mandate == *mandate && interval.agency == *agency)
}
