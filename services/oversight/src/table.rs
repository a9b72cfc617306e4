//! An answered query: a closed table with margins, marks for what is withheld, and the words that explain
//! it.

use serde::Serialize;

use crate::Coverage;

/// What is shown in place of a withheld figure.
pub(crate) const MARK: &str = "[c]";
/// The key of a margin.
pub(crate) const ALL_KEYS: &str = "total";

/// A table as it leaves the hub.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// The indicator's id.
    pub indicator: &'static str,
    /// The indicator's title.
    pub title: &'static str,
    /// How it is computed, in words.
    pub method: &'static str,
    /// The dimensions of the keys, in order.
    pub by: Vec<String>,
    /// First and last month.
    pub from_month: String,
    /// First and last month.
    pub to_month: String,
    /// The names of the cells, in order: for example `median_minutes` and `n`.
    pub columns: Vec<&'static str>,
    /// One row per combination of keys; none for a query without dimensions.
    pub rows: Vec<Row>,
    /// Margins: `total` stands for all keys of a dimension. The last one is the grand total.
    pub totals: Vec<Row>,
    /// Figures withheld, margins included.
    pub suppressed_cells: usize,
    /// What the marks mean, for a reader; empty where nothing is withheld.
    pub note: String,
    /// Which agencies stand behind it; the caller, who knows them, sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// Keys and their figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// One code per dimension.
    pub keys: Vec<String>,
    /// One figure per column.
    pub cells: Vec<Cell>,
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// A true count.
    Count(u64),
    /// Minutes, halves possible.
    Minutes(f64),
    /// Percent with one decimal.
    Percent(f64),
    /// There is nothing to compute a figure from.
    Empty,
    /// Not shown.
    Withheld {
        /// Why.
        reason: WithheldReason,
    },
}

// Figures are computed from counts and minutes, never NaN.
impl Eq for Cell {}

/// Why a figure is not shown. One reason on purpose: telling small counts from those withheld with them
/// would narrow both down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// Below the threshold, or needed to compute one that is.
    SmallOrComplement,
}

impl Cell {
    pub(crate) const WITHHELD: Self = Self::Withheld { reason: WithheldReason::SmallOrComplement };

    /// Is the figure withheld?
    #[must_use]
    pub const fn is_withheld(&self) -> bool {
        matches!(self, Self::Withheld { .. })
    }
}
