//! A panic is a log line like any other: where, and in which thread. Not its text: Rust puts the very string
//! it stumbled over into some of them, and that may be a child's name.

use std::panic::{PanicHookInfo, set_hook};

/// From now on.
pub fn tell_as_log_lines() {
    set_hook(Box::new(tell));
}

fn tell(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    hub::measure::alarm("panicked");
    tracing::error!(alarm = "panicked", place, thread, "the program panicked; its text is not shown");
}
