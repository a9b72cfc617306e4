//! The example pairs of an agency's folder, run through its mappings and compared byte for byte. The tests
//! and `amaan adapter check` call it. A pair is `<n>-outbound.in.json` and `.out.json`, or
//! `<n>-inbound.in.json` and `.out.json`; the expected side is pretty-printed JSON with a final newline.

use serde_json::Value;

use crate::{agency::Agency, mapping::MappingError};

/// A pair that does not hold. Examples are about invented children, so that their text may be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// One side of the pair is missing or not JSON.
    #[error("{file}: missing or not JSON")]
    Unreadable {
        /// The path in the agency's folder.
        file: String,
    },
    /// The mapping gave an error.
    #[error("{file}: {error}")]
    Error {
        /// The input.
        file: String,
        /// Why.
        error: MappingError,
    },
    /// The mapping gave another document.
    #[error("{file}: the mapping gives another document:\n{actual}")]
    Differs {
        /// The expected side.
        file: String,
        /// What the mapping gives, as the file should hold it.
        actual: String,
    },
    /// No outbound pair at all, or no inbound pair where there is an inbound mapping.
    #[error("examples/: there must be at least one pair for each mapping")]
    NoPair,
}

/// Runs every pair of an agency.
///
/// # Errors
/// Every pair that does not hold.
pub fn check_examples(agency: &Agency) -> Result<usize, Vec<Mismatch>> {
    let inputs =
        agency.files.keys().filter(|path| path.starts_with("examples/") && path.ends_with(".in.json"));
    let checked: Vec<(bool, Result<(), Mismatch>)> =
        inputs.map(|input| (input.contains("-inbound."), check_pair(agency, input))).collect();
    let pairs = checked.len();
    let covered = |inbound: bool| checked.iter().any(|(way, _)| *way == inbound);
    let lacking = !covered(false) || (agency.files.contains_key("inbound.jq") && !covered(true));
    let mut mismatches: Vec<Mismatch> = checked.into_iter().filter_map(|(_, result)| result.err()).collect();
    if lacking {
        mismatches.push(Mismatch::NoPair);
    }
    if mismatches.is_empty() { Ok(pairs) } else { Err(mismatches) }
}

fn check_pair(agency: &Agency, input: &str) -> Result<(), Mismatch> {
    let unreadable = |file: &str| Mismatch::Unreadable { file: file.to_owned() };
    let file = |path: &str| agency.files.get(path).ok_or_else(|| unreadable(path));
    let document: Value = serde_json::from_slice(file(input)?).map_err(|_| unreadable(input))?;
    let mapped = if input.contains("-inbound.") {
        agency.map_answer(&document)
    } else {
        agency.map_document(&document)
    };
    let mapped = mapped.map_err(|error| Mismatch::Error { file: input.to_owned(), error })?;
    let actual =
        serde_json::to_string_pretty(mapped.json()).map(|text| text + "\n").map_err(|_| unreadable(input))?;
    let output = input.replace(".in.json", ".out.json");
    let same = agency.files.get(&output).is_some_and(|expected| expected.as_slice() == actual.as_bytes());
    if same { Ok(()) } else { Err(Mismatch::Differs { file: output, actual }) }
}
