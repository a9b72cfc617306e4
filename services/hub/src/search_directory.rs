//! Who gives a service today. It reads the code lists and nothing about anybody; routing itself asks the same
//! lists when a referral comes in (`submit_referral.rs`).

use casework::{AgencyCode, Code, TimeSource};
use schemas::{AgencyRow, FieldError, Invalid, problem};
use serde::Serialize;

use crate::{Hub, HubError};

/// Agencies of the whole country are found in every jurisdiction.
const EVERYWHERE: &str = "National";
/// The lists say nowhere when somebody last asked the agency itself.
const NOT_TOLD: &str = "not-told";

/// What was found, and how far it can be believed.
#[derive(Debug, Serialize)]
pub struct Found {
    /// Agencies, by code.
    pub items: Vec<FoundAgency>,
    /// What was looked through.
    pub coverage: DirectoryCoverage,
    /// There is one page.
    pub next_cursor: Option<String>,
}

/// An agency that may be addressed.
#[derive(Debug, Serialize)]
pub struct FoundAgency {
    /// Its code.
    pub agency: AgencyCode,
    /// Its name in English.
    pub name: String,
    /// Where it works.
    pub jurisdiction: String,
    /// What it gives today.
    pub services: Vec<Code>,
    /// Does the hub reach a system of it? Otherwise nobody gets what is sent there yet.
    pub connected: bool,
    /// Where the row is known from.
    pub source: String,
    /// Did the agency itself confirm the row? None has yet.
    pub confirmed: bool,
}

/// An empty answer is only as good as what was looked through.
#[derive(Debug, Serialize)]
pub struct DirectoryCoverage {
    /// The lists.
    pub lists: [&'static str; 3],
    /// Agencies in them.
    pub agencies: usize,
    /// Agencies that confirmed their own row.
    pub confirmed: usize,
    /// Agencies whose systems the hub reaches.
    pub connected: usize,
    /// Of what day the rows are.
    pub data_as_of: &'static str,
}

impl Hub {
    /// Agencies that give this service today, or any where none is named.
    ///
    /// # Errors
    /// `unknown-code` where there is no such service.
    pub fn search_directory(
        &self,
        service: Option<&Code>,
        jurisdiction: Option<&str>,
    ) -> Result<Found, HubError> {
        if service.is_some_and(|code| self.directory.service(code).is_none()) {
            return Err(unknown_service().into());
        }
        let here = |agency: &&AgencyRow| {
            jurisdiction.is_none_or(|asked| [asked, EVERYWHERE].contains(&agency.jurisdiction.as_str()))
        };
        let items = self.directory.agencies().filter(here).filter_map(|agency| self.found(agency, service));
        let all = self.directory.agencies();
        let coverage = DirectoryCoverage {
            lists: ["agencies.csv", "services.csv", "mandates.csv"],
            agencies: self.directory.agencies().count(),
            confirmed: 0,
            connected: all.filter(|agency| self.is_connected(&agency.code)).count(),
            data_as_of: NOT_TOLD,
        };
        Ok(Found { items: items.collect(), coverage, next_cursor: None })
    }

    fn is_connected(&self, agency: &AgencyCode) -> bool {
        self.adapters.agency(agency).is_some()
    }

    fn found(&self, agency: &AgencyRow, service: Option<&Code>) -> Option<FoundAgency> {
        let services = self.given_by(&agency.code);
        if service.is_some_and(|wanted| !services.contains(wanted)) {
            return None;
        }
        Some(FoundAgency {
            agency: agency.code.clone(),
            name: agency.name.clone(),
            jurisdiction: agency.jurisdiction.clone(),
            connected: self.is_connected(&agency.code),
            source: agency.source.clone(),
            confirmed: false,
            services,
        })
    }

    /// A service that no agency in particular gives is nobody's to be found by.
    fn given_by(&self, agency: &AgencyCode) -> Vec<Code> {
        let today = self.store.now().in_pakistan().date_naive();
        let given = self.directory.services().filter(|service| {
            let route = self.directory.route(agency, &service.code, today);
            let named = !service.default_agencies.is_empty() || service.mandate.is_some();
            named && route.is_ok_and(|route| !route.rerouted)
        });
        given.map(|service| service.code.clone()).collect()
    }
}

fn unknown_service() -> Invalid {
    let error = FieldError {
        pointer: "service".to_owned(),
        code: problem::UNKNOWN_CODE.to_owned(),
        detail: "no service of services.csv; leave it out to see all".to_owned(),
    };
    Invalid { problem: problem::UNKNOWN_CODE, errors: vec![error] }
}
