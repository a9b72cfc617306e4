//! The page of metrics is what the crates declare.

use crate::configuration::place::{Place, root};

#[test]
fn the_page_of_metrics_is_up_to_date() {
    let said = Place::bare("").run(&["config", "print", "--metrics"], &[]);
    let page = std::fs::read_to_string(root().join("ops/docs/metrics.md")).unwrap_or_default();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out == page,
        "ops/docs/metrics.md is not what the program says; write it again with \
         `cargo run -- config print --metrics > ops/docs/metrics.md`"
    );
}
