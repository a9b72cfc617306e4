//! The thresholds of `schemas/codelists/sdc_rules.json` (proposed defaults; a test compares them). Nothing
//! here is law: the choices and their sources stand in that file.

/// A count below this, other than zero, is withheld (`min_cell`; ONS uses 10 for research outputs).
pub const MIN_CELL: u64 = 10;
/// A percent is shown only over at least so many (`percent_min_denominator`).
pub const PERCENT_MIN_DENOMINATOR: u64 = 30;
/// Dimensions whose zero cells are withheld too (`sensitive_dims`; religion has no place in any schema, and
/// acts are no dimension).
pub const SENSITIVE: &[&str] = &["legal-status"];
/// What remains possible for a withheld count, given all that is published, spans at least this much
/// wherever withholding more can bring it about; it never shrinks to a single value.
pub const SPREAD_MIN: u64 = 5;
/// Cells of one table, without margins: what a reader can read and one query may cost.
pub const CELLS_MAX: usize = 1000;
/// Months one query may span.
pub const MONTHS_MAX: u32 = 60;
