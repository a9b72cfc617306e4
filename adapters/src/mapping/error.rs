//! Why a program is not admitted, and why a run fails. Neither repeats a value of the document: it is about
//! a child. jaq's own messages do repeat values and are dropped here.

use casework::Code;
use schemas::FieldError;

/// Why a mapping program may not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// Longer than the bound.
    #[error("the program is longer than {} bytes", super::PROGRAM_BYTES_MAX)]
    TooLong,
    /// More brackets, or a deeper tree, than the bound.
    #[error("the program nests too deeply; split it with `as` bindings")]
    TooDeep,
    /// jq cannot read it.
    #[error("the program is not readable as jq")]
    NotJq,
    /// A construct or a filter outside the admitted language.
    #[error("`{construct}` is not admitted: {reason}")]
    Construct {
        /// The word or sign.
        construct: String,
        /// Why, and what to write instead.
        reason: &'static str,
    },
    /// `code("..")` names a list that `codes.csv` does not have for this direction.
    #[error("codes.csv has no list `{list}` for this direction")]
    NoList {
        /// The list's name.
        list: String,
    },
    /// What it may do or produce is more than the bound.
    #[error("the program could take more than {bound} {unit} for the largest input")]
    TooCostly {
        /// The bound that would be passed.
        bound: u64,
        /// `steps`, `outputs` or `bytes`.
        unit: &'static str,
    },
}

/// Why a mapping gave no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The agency has no mapping for this direction.
    #[error("the agency has no mapping for this direction; add outbound.jq or inbound.jq")]
    None,
    /// The message type or version is not among those the agency accepts.
    #[error("the agency does not accept this message type and version; see `accepts` in its agency.toml")]
    NotAccepted,
    /// A code no row of `codes.csv` maps. Nothing is guessed: a person decides.
    #[error("a code is not mapped: list `{list}`, nearest {candidates:?}; add a row to codes.csv")]
    Unmapped {
        /// The list asked.
        list: String,
        /// The nearest codes the list does map.
        candidates: Vec<String>,
    },
    /// The mapping itself asks for a person.
    #[error("the mapping asks for a person: {why}")]
    Triage {
        /// The text after `triage` in the program, never a value.
        why: String,
    },
    /// jq met a value the program is not written for.
    #[error("the mapping met a value it is not written for; add the case to its examples and correct it")]
    Failed,
    /// Not exactly one output.
    #[error("the mapping gave {outputs} outputs instead of one")]
    NotOne {
        /// How many, counted to two.
        outputs: usize,
    },
    /// Input or output above a bound.
    #[error("the document is larger than a mapping may take or give")]
    TooLarge,
    /// The output does not satisfy the target schema.
    #[error("the mapped document does not satisfy the target schema: {}", places(.errors))]
    Invalid {
        /// Where and which keyword.
        errors: Vec<FieldError>,
    },
    /// An inbound mapping's output is not what `Agency::map_inbound` documents.
    #[error("the inbound mapping's output is not an answer: expected key, referral, action and body")]
    NotAnAnswer,
}

impl MappingError {
    /// The error class a dead letter or a triage entry carries.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::None | Self::NotAccepted => "not-accepted",
            Self::Unmapped { .. } => "unmapped-code",
            Self::Triage { .. } => "mapping-triage",
            Self::Failed | Self::NotOne { .. } | Self::NotAnAnswer => "mapping-failed",
            Self::TooLarge => "mapping-too-large",
            Self::Invalid { .. } => "target-invalid",
        }
    }

    /// The same as a code.
    #[must_use]
    pub fn class(&self) -> Code {
        crate::exchange::class(self.slug())
    }
}

fn places(errors: &[FieldError]) -> String {
    let place = |error: &FieldError| format!("`{}` {}", error.pointer, error.code);
    errors.iter().map(place).collect::<Vec<_>>().join(", ")
}
