//! Two ways in which ring can fail in principle and must not be survived: the operating system gives no
//! randomness, or a length is beyond what the primitives allow although every length here is a constant
//! or a body of at most a megabyte. Continuing would seal with a weak key or lose a body, so the process
//! aborts: nothing accepted is lost, because nothing was committed yet. Never used for opening.

use ring::error::Unspecified;

/// The value, or the end of the process.
pub(crate) fn certain<T>(result: Result<T, Unspecified>) -> T {
    result.unwrap_or_else(|Unspecified| std::process::abort())
}
