//! The closed list of data categories (`schemas/codelists/data_categories.csv`): every property of every
//! message schema has exactly one, and masks are sets of them. A test compares this list with the file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// Categories a recipient may see, or was not shown.
pub type Categories = BTreeSet<Category>;

/// How much of each category a recipient may see; a category that is not in here is removed.
pub type Ways = BTreeMap<Category, Way>;

/// How much of a category a recipient sees, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// All of it, as it was sent.
    Keep,
    /// Only what its schema says is coarse enough: an age band, a district, a month.
    Generalise,
    /// A word in its place that means something to this recipient alone.
    Pseudonymise,
}

/// A word that is no category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no data category; the closed list stands in codelists/data_categories.csv")]
pub struct UnknownCategory(String);

macro_rules! categories {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// What kind of fact a property of a message holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Category { $(#[serde(rename = $text)] $variant),* }

        impl Category {
            /// All of them, in the file's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The word used in schemas, policies and the ledger.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

categories! {
    Routing = "routing", Service = "service", AgeSex = "age-sex", Reason = "reason", Consent = "consent",
    Protection = "protection", Name = "name", Contact = "contact", Address = "address", Family = "family",
    Legal = "legal", Nationality = "nationality", IdNumber = "id-number", Photo = "photo", Health = "health",
    Incident = "incident", Offender = "offender", Evidence = "evidence", Narrative = "narrative",
    Statistics = "statistics",
}

impl Category {
    /// May a child or its guardian ask to withhold it? Not what routes the message, names the service, or
    /// says what was consented to; and statistics go to nobody anyway.
    #[must_use]
    pub const fn may_be_withheld(self) -> bool {
        !matches!(self, Self::Routing | Self::Service | Self::Consent | Self::Statistics)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;
    fn from_str(text: &str) -> Result<Self, UnknownCategory> {
        let found = Self::ALL.iter().find(|category| category.as_str() == text);
        found.copied().ok_or_else(|| UnknownCategory(text.chars().take(40).collect()))
    }
}
