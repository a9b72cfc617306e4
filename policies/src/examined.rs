//! A set as somebody writes it: read and validated, its tables run to the end instead of to the first row
//! that does not hold. It can be asked and explained; it comes into force by another way.

use std::path::Path;

use crate::{LoadError, Policies, RowResult, load, read_set::SetText};

/// A set and what its tables say of it.
#[derive(Debug)]
pub struct Examined {
    /// The set.
    pub policies: Policies,
    /// Every row of every table.
    pub rows: Vec<RowResult>,
}

impl Examined {
    /// The set compiled into the program.
    ///
    /// # Errors
    /// [`LoadError`] naming file, line and reason.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::of(&SetText::embedded()?)
    }

    /// The set in a folder.
    ///
    /// # Errors
    /// [`LoadError`] naming file, line and reason; a row that does not hold is none.
    pub fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        Self::of(&SetText::from_dir(dir)?)
    }

    fn of(text: &SetText) -> Result<Self, LoadError> {
        let policies = load::accept_untested(text)?;
        let tables = load::tables(&policies)?;
        let rows = tables.iter().flat_map(|(file, table)| table.run(file, &policies)).collect();
        Ok(Self { policies, rows })
    }
}
