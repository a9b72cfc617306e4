//! What a program may cost: an upper bound on its steps and on the number and total size of its outputs,
//! computed from its syntax tree for the largest admitted input. It is what jaq lacks: a program that doubles
//! its document twenty times, or loops over the product of three lists, is refused before it ever runs. Not
//! a measure: what a mapping really costs is far below.

use super::{INPUT_BYTES_MAX, ITEMS_MAX, NotAdmitted};

/// Steps at most: a few loops within a loop over the longest lists. One step takes well under a microsecond.
const STEPS_MAX: u64 = 1_000_000;
/// Outputs of any part of a program at most.
const OUTPUTS_MAX: u64 = 100_000;
/// Total bytes of the outputs of any part at most, if every path selected the whole input. Real mappings
/// select small parts, so what is really built is far below.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The cost of a part of a program, as a function of its input's size `s`: after at most `steps`, at most
/// `outputs` values of together `linear * s + fixed` bytes, none with an array of more than `items` elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub steps: u64,
    pub outputs: u64,
    pub linear: u64,
    pub fixed: u64,
    pub items: u64,
}

/// The largest value a part may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub bytes: u64,
    pub items: u64,
}

impl Size {
    /// The largest input of a run.
    pub fn of_input() -> Self {
        let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Self { bytes: wide(INPUT_BYTES_MAX), items: wide(ITEMS_MAX) }
    }
}

impl Cost {
    /// The input itself.
    pub const fn identity(input: Size) -> Self {
        Self { steps: 1, outputs: 1, linear: 1, fixed: 0, items: input.items }
    }

    /// One value of so many bytes, whatever the input.
    pub const fn constant(bytes: u64, items: u64) -> Self {
        Self { steps: 1, outputs: 1, linear: 0, fixed: bytes, items }
    }

    /// The elements of every output.
    pub const fn elements(self) -> Self {
        let each = if self.items > 1 { self.items } else { 1 };
        let outputs = self.outputs.saturating_mul(each);
        Self { steps: self.steps.saturating_add(outputs), outputs, ..self }
    }

    /// The size of the largest output, for the part behind a pipe.
    pub const fn size(self, input: Size) -> Size {
        let bytes = self.linear.saturating_mul(input.bytes).saturating_add(self.fixed);
        Size { bytes, items: self.items }
    }

    /// `self | next`: `next` was computed for one output of `self`.
    pub const fn then(self, next: Self) -> Self {
        let carried = next.linear.saturating_mul(self.fixed);
        Self {
            steps: self.steps.saturating_add(self.outputs.saturating_mul(next.steps)),
            outputs: self.outputs.saturating_mul(next.outputs),
            linear: next.linear.saturating_mul(self.linear),
            fixed: carried.saturating_add(self.outputs.saturating_mul(next.fixed)),
            items: next.items,
        }
    }

    /// Everything repeated so many times.
    pub const fn times(self, count: u64) -> Self {
        Self {
            steps: self.steps.saturating_mul(count),
            outputs: self.outputs.saturating_mul(count),
            linear: self.linear.saturating_mul(count),
            fixed: self.fixed.saturating_mul(count),
            items: self.items,
        }
    }

    /// `self, other`.
    pub fn beside(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            outputs: self.outputs.saturating_add(other.outputs),
            linear: self.linear.saturating_add(other.linear),
            fixed: self.fixed.saturating_add(other.fixed),
            items: self.items.max(other.items),
        }
    }

    /// Every output of one put together with every output of the other: `+`, an object's members.
    pub const fn joined(self, other: Self) -> Self {
        let (left, right) = (self.times(other.outputs), other.times(self.outputs));
        Self {
            steps: left.steps.saturating_add(right.steps),
            outputs: left.outputs,
            linear: left.linear.saturating_add(right.linear),
            fixed: left.fixed.saturating_add(right.fixed),
            items: self.items.saturating_add(other.items),
        }
    }

    /// The dearer of two branches in every respect.
    pub fn or(self, other: Self) -> Self {
        Self {
            steps: self.steps.max(other.steps),
            outputs: self.outputs.max(other.outputs),
            linear: self.linear.max(other.linear),
            fixed: self.fixed.max(other.fixed),
            items: self.items.max(other.items),
        }
    }

    /// `[self]`.
    pub fn collected(self) -> Self {
        let items = self.items.max(self.outputs);
        Self { outputs: 1, fixed: self.fixed.saturating_add(2), items, ..self }
    }

    /// One small value after the same steps: a comparison, a length.
    pub const fn told(self, bytes: u64) -> Self {
        Self { linear: 0, fixed: self.outputs.saturating_mul(bytes), items: 0, ..self }
    }

    /// Holds it against the bounds.
    pub fn within_bounds(self, input: Size) -> Result<Self, NotAdmitted> {
        if self.steps > STEPS_MAX {
            return Err(NotAdmitted::TooCostly { bound: STEPS_MAX, unit: "steps" });
        }
        if self.outputs > OUTPUTS_MAX {
            return Err(NotAdmitted::TooCostly { bound: OUTPUTS_MAX, unit: "outputs" });
        }
        if self.size(input).bytes > BYTES_MAX {
            return Err(NotAdmitted::TooCostly { bound: BYTES_MAX, unit: "bytes" });
        }
        Ok(self)
    }
}
