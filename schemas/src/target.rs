//! An agency's own schema (`adapters/agencies/<agency>/target.schema.json`): what its outbound mapping must
//! produce. Not a message schema: no categories, no versions, no annotations. `adapters` asks here because
//! `jsonschema` is fenced to this crate.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use crate::FieldError;

/// How many errors are told at most: enough to repair a mapping, few enough to log.
const ERRORS_MAX: usize = 16;

/// A compiled JSON Schema 2020-12. `$ref` reaches only inside the document; formats are enforced.
pub struct Target(Validator);

/// A document that is no usable schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot compile the target schema at `{pointer}`: keyword `{keyword}`; correct target.schema.json")]
pub struct BadTarget {
    /// JSON Pointer into the schema document.
    pub pointer: String,
    /// The keyword that could not be compiled.
    pub keyword: String,
}

impl Target {
    /// Compiles a schema document. Regular expressions run on the linear-time engine, so that no pattern
    /// and no value can take long together.
    ///
    /// # Errors
    /// [`BadTarget`] where the document is no valid schema, names an unknown format or refers outside itself.
    pub fn compile(schema: &Value) -> Result<Self, BadTarget> {
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .offline()
            .build(schema)
            .map(Self)
            .map_err(|error| BadTarget {
                pointer: error.instance_path().to_string(),
                keyword: error.kind().keyword().to_owned(),
            })
    }

    /// Checks a mapped document.
    ///
    /// # Errors
    /// The first errors found, at most sixteen. They name places and keywords, never a value: the document is
    /// about a child.
    pub fn check(&self, document: &Value) -> Result<(), Vec<FieldError>> {
        if self.0.is_valid(document) {
            return Ok(());
        }
        let errors = self.0.iter_errors(document).take(ERRORS_MAX).map(|error| FieldError {
            pointer: error.instance_path().to_string(),
            code: error.kind().keyword().to_owned(),
            detail: format!("does not satisfy `{}` of the target schema", error.schema_path()),
        });
        Err(errors.collect())
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Target(..)")
    }
}
