//! The code lists with meaning: agencies, services, helplines, mandates, clocks, disclosure rules. It says
//! who holds a mandate on a day; it does not say who may ask whom (policies) nor how an agency is reached
//! (adapters).

use std::{collections::BTreeMap, path::Path};

use casework::{AgencyCode, ClockKind, Code, Delivery, Rules, Rung, Timestamp};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    ClockBook, CodeRow, LoadError, clocks,
    codelist::Lists,
    delays::{self, DisclosureDelay},
    delivery_reasons::{self, DeliveryReason},
    mandate::{self, Interval, Route, RouteRefusal},
    nearest::nearest,
    retention::{self, RetentionSchedule},
    source::{self, Files},
};

/// An agency of `agencies.csv`. Its code is lower case here and everywhere outside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyRow {
    /// `cpi`, `fia-ccw`, ...
    pub code: AgencyCode,
    /// The name in English.
    pub name: String,
    /// The code of the ministry or agency above it.
    pub parent: Option<AgencyCode>,
    /// Unverified telephone number; show only what [`Directory::helplines`] says may be shown.
    pub helpline: Option<String>,
    /// Address of its pages.
    pub website: Option<String>,
    /// `ICT`, `National`, ...
    pub jurisdiction: String,
    /// What it does, in words.
    pub services: String,
    /// Where the row is known from.
    pub source: String,
}

/// A service of `services.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRow {
    /// `SVC-SHELTER`, ...
    pub code: Code,
    /// For a person.
    pub label: String,
    /// Primero's ids for it, for adapters; several are separated by `;` in the file.
    pub primero_types: Vec<String>,
    /// Who gives it. Empty: no agency in particular, any may be addressed.
    pub default_agencies: Vec<AgencyCode>,
    /// The mandate that decides who gives it on a day.
    pub mandate: Option<Code>,
}

/// A telephone number for the public, of `helplines.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helpline {
    /// As dialled.
    pub number: String,
    /// Who answers.
    pub owner: String,
    /// What for.
    pub purpose: String,
    /// Where the number is known from.
    pub source: String,
    /// When somebody last rang it and it was right; `None` is unverified.
    pub last_verified: Option<NaiveDate>,
}

impl Helpline {
    /// May it be shown outside the sandbox? A wrong helpline is a safety defect, so only a verified one, and
    /// the police's 15.
    #[must_use]
    pub fn may_be_published(&self) -> bool {
        self.last_verified.is_some() || self.number == "15"
    }
}

/// `sdc_rules.json`, as far as it is numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct DisclosureRules {
    /// Smaller counts are withheld.
    #[serde(rename = "min_cell")]
    pub cell_min: u64,
    /// The same inside one agency.
    #[serde(rename = "min_cell_internal_agency")]
    pub cell_min_internal: u64,
    /// Percentages of fewer are withheld.
    pub percent_min_denominator: u64,
    /// Public tables are rounded to multiples of this.
    pub rounding_base: u64,
}

/// All lists, read once.
#[derive(Debug)]
pub struct Directory {
    lists: Lists,
    agencies: BTreeMap<AgencyCode, AgencyRow>,
    services: BTreeMap<Code, ServiceRow>,
    helplines: Vec<Helpline>,
    intervals: Vec<Interval>,
    rules: Rules,
    clock_book: ClockBook,
    disclosure: DisclosureRules,
    delays: Vec<DisclosureDelay>,
    retention: RetentionSchedule,
}

impl Directory {
    /// The lists this program was built with.
    ///
    /// # Errors
    /// [`LoadError`] if they are not usable; a test holds that they are.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::load(&source::embedded())
    }

    /// The lists of a folder that holds `messages/` and `codelists/`.
    ///
    /// # Errors
    /// [`LoadError`] says which file and row is wrong and how.
    pub fn from_dir(folder: &Path) -> Result<Self, LoadError> {
        Self::load(&source::folder(folder)?)
    }

    fn load(files: &Files) -> Result<Self, LoadError> {
        let lists = Lists::load(files)?;
        let agencies = agencies(&lists)?;
        let services = services(&lists, &agencies)?;
        let intervals = mandate::intervals(&lists)?;
        if let Some(stray) = intervals.iter().find(|interval| !agencies.contains_key(&interval.agency)) {
            return Err(LoadError::bad("codelists/mandates.csv", &stray.agency, "no agency of agencies.csv"));
        }
        let helplines = helplines(&lists)?;
        let rules = clocks::rules(&lists)?;
        let clock_book = ClockBook::load(&lists)?;
        let disclosure = disclosure(&lists)?;
        let delays = delays::delays(&lists)?;
        let retention = retention::schedule(&lists, files)?;
        Ok(Self {
            agencies,
            services,
            helplines,
            intervals,
            rules,
            clock_book,
            disclosure,
            delays,
            retention,
            lists,
        })
    }

    /// Whether a child is told later of what went to this agency for this purpose.
    #[must_use]
    pub fn disclosure_delay(&self, to: &AgencyCode, purpose: Option<&Code>) -> Option<&DisclosureDelay> {
        self.delays.iter().find(|delay| delay.fits(to, purpose))
    }

    /// How long what is kept.
    #[must_use]
    pub const fn retention(&self) -> &RetentionSchedule {
        &self.retention
    }

    /// The agency with this code.
    #[must_use]
    pub fn agency(&self, code: &AgencyCode) -> Option<&AgencyRow> {
        self.agencies.get(code)
    }
    /// All agencies, by code.
    pub fn agencies(&self) -> impl Iterator<Item = &AgencyRow> {
        self.agencies.values()
    }
    /// Codes that a mistyped one may have meant, for an error text.
    #[must_use]
    pub fn nearest_agencies(&self, given: &str) -> Vec<AgencyCode> {
        let found = nearest(given, self.agencies.keys().map(AgencyCode::as_str));
        found.into_iter().filter_map(|code| code.parse().ok()).collect()
    }
    /// The service with this code.
    #[must_use]
    pub fn service(&self, code: &Code) -> Option<&ServiceRow> {
        self.services.get(code)
    }
    /// All services, by code.
    pub fn services(&self) -> impl Iterator<Item = &ServiceRow> {
        self.services.values()
    }
    /// The reasons a child is referred for.
    #[must_use]
    pub fn reasons(&self) -> Vec<CodeRow> {
        self.codes("referral_reasons.csv").unwrap_or_default()
    }
    /// The codes of a list as a schema's `x-codelist` names it, in the file's order, with labels.
    #[must_use]
    pub fn codes(&self, selector: &str) -> Option<Vec<CodeRow>> {
        self.lists.select(selector)
    }
    /// Telephone numbers; outside the sandbox show only those that [`Helpline::may_be_published`].
    #[must_use]
    pub fn helplines(&self) -> &[Helpline] {
        &self.helplines
    }
    /// Who held which mandate when.
    #[must_use]
    pub fn mandates(&self) -> &[Interval] {
        &self.intervals
    }
    /// Clocks, calendar and failed outcomes for `casework`.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules.clone()
    }
    /// All clocks, as a person reads them.
    #[must_use]
    pub const fn clock_book(&self) -> &ClockBook {
        &self.clock_book
    }
    /// Why a delivery stands so, and who mends it.
    #[must_use]
    pub fn delivery_reason(&self, code: &Code) -> Option<DeliveryReason> {
        delivery_reasons::find(&self.lists, code)
    }
    /// All there are.
    #[must_use]
    pub fn delivery_reasons(&self) -> Vec<DeliveryReason> {
        delivery_reasons::all(&self.lists)
    }
    /// A rung of a clock's ladder; the first is 1.
    #[must_use]
    pub fn rung(&self, clock: ClockKind, rung: u8) -> Option<&Rung> {
        self.rules.rung(clock, rung)
    }
    /// Was a delivery not delivered in its time?
    #[must_use]
    pub fn life_is_over(&self, delivery: &Delivery, now: Timestamp) -> bool {
        delivery.life_is_over(&self.rules, now)
    }
    /// Thresholds for statistics.
    #[must_use]
    pub const fn disclosure_rules(&self) -> DisclosureRules {
        self.disclosure
    }

    /// Where a referral for `service`, addressed to `addressed`, goes on day `on` (in Pakistan's time).
    ///
    /// # Errors
    /// [`RouteRefusal`]: an unknown agency or service, or an agency that the service is not for.
    pub fn route(
        &self,
        addressed: &AgencyCode,
        service: &Code,
        on: NaiveDate,
    ) -> Result<Route, RouteRefusal> {
        if !self.agencies.contains_key(addressed) {
            return Err(RouteRefusal::UnknownAgency);
        }
        let service = self.services.get(service).ok_or(RouteRefusal::UnknownService)?;
        let route = |to: &AgencyCode, mandate: Option<&Code>| Route {
            to: to.clone(),
            addressed: addressed.clone(),
            mandate: mandate.cloned(),
            rerouted: to != addressed,
        };
        let given_by = &service.default_agencies;
        let Some(mandate) = &service.mandate else {
            let fits = given_by.is_empty() || given_by.contains(addressed);
            let refusal = || RouteRefusal::NoMandate { holders: given_by.clone() };
            return fits.then(|| route(addressed, None)).ok_or_else(refusal);
        };
        let holder = mandate::holder(&self.intervals, mandate, on);
        if mandate::ever_holds(&self.intervals, mandate, addressed) {
            let refusal = || RouteRefusal::NoMandate { holders: Vec::new() };
            return holder.map(|holder| route(holder, Some(mandate))).ok_or_else(refusal);
        }
        if given_by.contains(addressed) {
            return Ok(route(addressed, None));
        }
        Err(RouteRefusal::NoMandate { holders: holder.cloned().into_iter().collect() })
    }
}

fn agencies(lists: &Lists) -> Result<BTreeMap<AgencyCode, AgencyRow>, LoadError> {
    let mut all = BTreeMap::new();
    for row in lists.table("agencies.csv")?.rows() {
        let code = agency_code("codelists/agencies.csv", &row("agency_code"))?;
        let parent = row("parent_code");
        let agency = AgencyRow {
            code: code.clone(),
            name: row("name"),
            parent: if parent.is_empty() {
                None
            } else {
                Some(agency_code("codelists/agencies.csv", &parent)?)
            },
            helpline: Some(row("helpline")).filter(|text| !text.is_empty()),
            website: Some(row("website")).filter(|text| !text.is_empty()),
            jurisdiction: row("jurisdiction"),
            services: row("services"),
            source: row("source_note"),
        };
        if all.insert(code.clone(), agency).is_some() {
            return Err(LoadError::bad("codelists/agencies.csv", code, "stands twice"));
        }
    }
    Ok(all)
}

fn services(
    lists: &Lists,
    agencies: &BTreeMap<AgencyCode, AgencyRow>,
) -> Result<BTreeMap<Code, ServiceRow>, LoadError> {
    let file = "codelists/services.csv";
    let mut all = BTreeMap::new();
    for row in lists.table("services.csv")?.rows() {
        let code = plain_code(file, &row("service_code"))?;
        let given_by: Result<Vec<_>, _> =
            split(&row("default_agencies")).iter().map(|text| agency_code(file, text)).collect();
        let mandate = row("mandate");
        let service = ServiceRow {
            code: code.clone(),
            label: row("label"),
            primero_types: split(&row("primero_service_type_id")),
            default_agencies: given_by?,
            mandate: if mandate.is_empty() { None } else { Some(plain_code(file, &mandate)?) },
        };
        if service.default_agencies.iter().any(|agency| !agencies.contains_key(agency)) {
            return Err(LoadError::bad(file, code, "names an agency that agencies.csv does not have"));
        }
        all.insert(code, service);
    }
    Ok(all)
}

fn helplines(lists: &Lists) -> Result<Vec<Helpline>, LoadError> {
    let mut all = Vec::new();
    for row in lists.table("helplines.csv")?.rows() {
        let verified = row("last_verified");
        let wrong = |_| LoadError::bad("codelists/helplines.csv", row("number"), "last_verified: YYYY-MM-DD");
        all.push(Helpline {
            number: row("number"),
            owner: row("owner"),
            purpose: row("purpose"),
            source: row("source"),
            last_verified: if verified.is_empty() { None } else { Some(verified.parse().map_err(wrong)?) },
        });
    }
    Ok(all)
}

fn disclosure(lists: &Lists) -> Result<DisclosureRules, LoadError> {
    let rules = lists.document("sdc_rules.json")?.get("proposed_defaults");
    let wrong = |problem: String| LoadError::bad("codelists/sdc_rules.json", "/proposed_defaults", problem);
    let rules = rules.ok_or_else(|| wrong("is missing".to_owned()))?;
    DisclosureRules::deserialize(rules).map_err(|error| wrong(error.to_string()))
}

fn agency_code(file: &str, text: &str) -> Result<AgencyCode, LoadError> {
    text.to_lowercase().parse().map_err(|error| LoadError::bad(file, text, error))
}

fn plain_code(file: &str, text: &str) -> Result<Code, LoadError> {
    text.parse().map_err(|error| LoadError::bad(file, text, error))
}

fn split(text: &str) -> Vec<String> {
    text.split(';').filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
}
