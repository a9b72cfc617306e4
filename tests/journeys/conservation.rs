//! Nothing accepted is lost: deliveries made are counted from the ledger's entries, and each has come to
//! one end or is on its way; `audit verify` comes to the same while the hub runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sandbox::{program, sandbox, until};

/// How every delivery stands, from the entries; each made once, and not moved after its end.
fn deliveries() -> BTreeMap<String, String> {
    let mut made = BTreeMap::<String, String>::new();
    for line in sandbox().entries_from(0) {
        let event = &line["entry"]["event"];
        for pointer in ["/delivery", "/delivery/delivery"] {
            if let Some(id) = event.pointer(pointer).and_then(Value::as_str)
                && event["kind"] != "delivery.moved"
            {
                assert_eq!(made.insert(id.to_owned(), "queued".to_owned()), None, "{id} was made twice");
            }
        }
        if event["kind"] == "delivery.moved" {
            let (id, status) = (event["delivery"].as_str().unwrap(), event["status"].as_str().unwrap());
            let before = made.insert(id.to_owned(), status.to_owned());
            assert!(before.is_some(), "{id} moved before it was made");
            let over = matches!(before.as_deref(), Some("delivered" | "refused"));
            assert!(!over, "{id} moved after its end");
        }
    }
    made
}

#[test]
fn every_delivery_has_one_end_or_is_on_its_way() {
    let (sandbox, _turn) = (sandbox(), sandbox().alone());
    // An agency may have answered since all was quiet: what is on its way comes to rest as well.
    until("every delivery to come to its end", || {
        let made = deliveries();
        assert!(made.len() >= 13, "the story alone makes 13");
        let ends = ["delivered", "refused", "undeliverable", "expired", "withdrawn"];
        made.values().all(|status| ends.contains(&status.as_str())).then_some(())
    });
    let verify = sandbox.wiring.verifying(&program(), &sandbox.dir).output().unwrap();
    let said = String::from_utf8_lossy(&verify.stdout);
    assert!(verify.status.success() && said.contains("the record holds"), "{said}");
}
