//! `codelists/disclosure_delays.csv`: after a disclosure to whom a child is told of it later, and why. The
//! first row that fits counts; what no row fits may be told at once. Proposed values, no law.

use casework::{AgencyCode, Code};

use crate::{LoadError, codelist::Lists};

const LIST: &str = "disclosure_delays.csv";
const FILE: &str = "codelists/disclosure_delays.csv";
/// Fits everything.
const ANY: &str = "any";

/// Why and how long a child is not told of a disclosure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureDelay {
    to: Option<AgencyCode>,
    purpose: Option<Code>,
    /// Whole days from the disclosure on.
    pub days: u32,
    /// `investigation` or `safety-of-the-child`.
    pub reason: Code,
    /// Where the row is from, and how sure it is.
    pub source: String,
}

impl DisclosureDelay {
    pub(crate) fn fits(&self, to: &AgencyCode, purpose: Option<&Code>) -> bool {
        let same_purpose = self.purpose.as_ref().is_none_or(|wanted| purpose == Some(wanted));
        self.to.as_ref().is_none_or(|wanted| wanted == to) && same_purpose
    }
}

pub(crate) fn delays(lists: &Lists) -> Result<Vec<DisclosureDelay>, LoadError> {
    let mut delays = Vec::new();
    for row in lists.table(LIST)?.rows() {
        let (to, purpose) = (row("to"), row("purpose"));
        let place = format!("{to} {purpose}");
        let wrong = |what: &str| LoadError::bad(FILE, &place, what.to_owned());
        let wanted = |text: &String| (text != ANY).then(|| text.to_lowercase());
        delays.push(DisclosureDelay {
            to: wanted(&to)
                .map(|to| to.parse())
                .transpose()
                .map_err(|_| wrong("`to` is an agency or `any`"))?,
            purpose: wanted(&purpose)
                .map(|code| code.parse())
                .transpose()
                .map_err(|_| wrong("`purpose` is a purpose or `any`"))?,
            days: row("days").parse().map_err(|_| wrong("`days` is a whole number"))?,
            reason: row("reason").parse().map_err(|_| wrong("`reason` is a code"))?,
            source: row("source"),
        });
    }
    Ok(delays)
}
