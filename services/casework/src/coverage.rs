//! Who stands behind an answer, and who does not: so that "nothing known" is never read as "nothing there".
//! Pure; who was asked and what became of it is the caller's to say.

use serde::Serialize;

use crate::{AgencyCode, CheckStatus};

/// How old the data behind an answer are, where the agency that answered does not say.
const NOT_TOLD: &str = "not-told";

/// Who answered, who did not, and how old their data are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// They answered.
    pub answered: Vec<Answered>,
    /// They were asked and did not.
    pub not_answered: Vec<NotAnswered>,
}

/// An agency that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// Which.
    pub agency: AgencyCode,
    /// Of what day its data are, or `not-told`.
    pub data_as_of: String,
}

/// An agency that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotAnswered {
    /// Which.
    pub agency: AgencyCode,
    /// `refused`, `timed-out` or `asked` (nobody knows yet).
    pub reason: CheckStatus,
}

impl Coverage {
    /// Of a question to one agency. It depends on whether it answered, never on what.
    #[must_use]
    pub fn of_one(agency: &AgencyCode, status: CheckStatus) -> Self {
        let agency = agency.clone();
        match status {
            CheckStatus::Answered => {
                let answered = Answered { agency, data_as_of: NOT_TOLD.to_owned() };
                Self { answered: vec![answered], not_answered: Vec::new() }
            }
            reason => Self { answered: Vec::new(), not_answered: vec![NotAnswered { agency, reason }] },
        }
    }
}
