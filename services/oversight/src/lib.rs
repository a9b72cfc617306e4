//! What the state may know of its own promises without seeing a child: indicators over `store`'s facts, as
//! closed tables after disclosure control.
//!
//! [`answer`] counts facts by at most two dimensions, withholds what is small and whatever would let a
//! reader compute it, and says so in the table's note. It reads no store itself, knows no caller (the hub
//! asks policy first) and never answers a free-form cross-table. It does not compare one release with an
//! earlier one: two overlapping periods can still be subtracted from each other, which frozen releases will
//! have to prevent.

mod answer;
mod coverage;
mod cube;
mod indicator;
pub mod indicators;
mod protect;
mod query;
pub mod rules;
mod spread;
mod table;
mod text;

pub use answer::answer;
pub use coverage::{Counted, Coverage, NotCounted};
pub use indicator::{Indicator, Measure};
pub use indicators::clock_breaches::ID as CLOCK_BREACHES;
pub use indicators::{indicator, indicators};
pub use query::{DIMENSIONS, Query, QueryRefusal};
pub use table::{Cell, Row, Table, WithheldReason};
