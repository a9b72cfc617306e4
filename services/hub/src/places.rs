//! Where an agency works and where a case is, as far as codes say it, for policies that look at jurisdiction.
//! The address of a child is never looked at: only the district that the message states for statistics.

use casework::{AgencyCode, Code, Facts};
use policies::Places;

use crate::Hub;

/// How `agencies.csv` says Islamabad Capital Territory, and its code in `provinces.csv`.
const CAPITAL: (&str, &str) = ("ICT", "PK4");
/// How it says the whole country.
const WHOLE: &[&str] = &["National", "Federal"];
/// The codes of `provinces.csv`.
const PROVINCES: &[&str] = &["PK1", "PK2", "PK3", "PK4", "PK5", "PK6", "PK7"];
/// The dimension of a message's statistics that names a district.
const DISTRICT: &str = "district";
/// A district's code begins with its province's: `PK401` lies in `PK4`.
const PROVINCE_LETTERS: usize = 3;

impl Hub {
    /// What codes say of the places of an agency and of a case.
    pub(crate) fn places(&self, agency: &AgencyCode, facts: Option<&Facts>) -> Places {
        let jurisdiction = self.directory.agency(agency).map_or("", |row| row.jurisdiction.as_str());
        let district = facts.and_then(|facts| facts.get(DISTRICT));
        let case_province = district.and_then(|code| code.get(..PROVINCE_LETTERS));
        let case_province = case_province.filter(|province| PROVINCES.contains(province)).and_then(code);
        Places {
            agency_provinces: provinces(jurisdiction).iter().filter_map(|province| code(province)).collect(),
            case_district: district.filter(|_| case_province.is_some()).and_then(|district| code(district)),
            case_province,
        }
    }
}

/// The provinces of a jurisdiction; none where it is not one of the words known here.
fn provinces(jurisdiction: &str) -> &'static [&'static str] {
    if jurisdiction == CAPITAL.0 {
        return std::slice::from_ref(&CAPITAL.1);
    }
    let first = jurisdiction.split(' ').next().unwrap_or_default();
    if WHOLE.contains(&first) { PROVINCES } else { &[] }
}

fn code(text: &str) -> Option<Code> {
    text.parse().ok()
}
