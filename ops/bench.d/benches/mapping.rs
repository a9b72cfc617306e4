//! What an agency's own form costs: `outbound.jq` over the body as far as that agency may see it, and the
//! check against the agency's target schema.

use adapters::Outgoing;
use casework::{MessageKind, Priority, Timestamp};
use divan::{Bencher, black_box};

use crate::fixtures::{
    ADAPTERS, AT, POLICIES, RECIPIENTS, SCHEMAS, agency, checked, disclosure, id, reading, service,
};

/// The referral as it is handed over to this agency.
fn outgoing(recipient: &str) -> Outgoing {
    let message = checked();
    let mask = POLICIES.mask(&disclosure(recipient), *AT);
    let cut = SCHEMAS.cut(message.kind, message.version, message.value.json(), &mask.ways, &reading());
    Outgoing {
        reduced: [].into(),
        delivery: id("dl"),
        attempt: 1,
        message: MessageKind::Request,
        version: message.version,
        referral: Some(id("rf")),
        check: None,
        case: id("cs"),
        reference: "TEST-7KQ2-9".to_owned(),
        from: agency("ictp"),
        to: agency(recipient),
        service: Some(service(recipient)),
        priority: Priority::Emergency,
        sent_at: Timestamp::from_micros(1_795_235_400_000_000),
        withheld: cut.withheld,
        copy: None,
        body: cut.value,
    }
}

#[divan::bench(args = RECIPIENTS)]
fn outbound(bencher: Bencher<'_, '_>, recipient: &str) {
    let (adapter, message) = (ADAPTERS.agency(&agency(recipient)).unwrap(), outgoing(recipient));
    bencher.bench(|| adapter.map_outbound(black_box(&message)).unwrap());
}
