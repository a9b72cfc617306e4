//! Nothing accepted is lost: deliveries made are counted from the ledger's entries, and each has come to
//! one end or is on its way; `audit verify` comes to the same while the hub runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sandbox::{program, sandbox};

#[test]
fn every_delivery_has_one_end_or_is_on_its_way() {
    let (sandbox, _turn) = (sandbox(), sandbox().alone());
    let (mut made, mut ended) = (BTreeMap::<String, String>::new(), BTreeMap::<String, u32>::new());
    for line in sandbox.entries_from(0) {
        let event = &line["entry"]["event"];
        for pointer in ["/delivery", "/delivery/delivery"] {
            if let Some(id) = event.pointer(pointer).and_then(Value::as_str)
                && event["kind"] != "delivery.moved"
                // A draft names the delivery that its sending will make.
                && event["kind"] != "referral.drafted"
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
            *ended.entry(status.to_owned()).or_default() += 1;
        }
    }
    assert!(made.len() >= 13, "the story alone makes 13");
    let ends = ["delivered", "refused", "undeliverable", "expired", "withdrawn"];
    let rest: Vec<_> = made.iter().filter(|(_, status)| !ends.contains(&status.as_str())).collect();
    assert!(rest.is_empty(), "all is quiet, and these are still on their way: {rest:?}");

    let verify = sandbox.wiring.verifying(&program(), &sandbox.dir).output().unwrap();
    let said = String::from_utf8_lossy(&verify.stdout);
    assert!(verify.status.success() && said.contains("the record holds"), "{said}");
}
