//! Who may say that an agency's system has a message: whoever may fetch one, and nobody else of the agency.

use casework::{Caller, DeliveryStatus};
use hub::HandedOver;

use super::breaker::{FAILS, Line};
use super::world::system;

#[tokio::test]
async fn who_may_not_fetch_may_not_say_that_it_came() {
    let line = Line::new().await;
    line.does(FAILS);
    let id = line.message("one").await;
    assert_eq!(line.hand_over(id).await, HandedOver::Waits);
    let officer = Caller { roles: vec!["privacy-officer".into()], ..system("nccia") };
    let refused = line.world.hub.acknowledge_delivery(&officer, id).await.unwrap_err();
    assert_eq!(refused.slug(), "not-permitted");
    assert_eq!(line.stands(id).await, (DeliveryStatus::WaitingForRetry, 1));
    // Good news of the system itself counts, late as it is.
    line.world.hub.acknowledge_delivery(&system("nccia"), id).await.unwrap();
    assert_eq!(line.stands(id).await.0, DeliveryStatus::Delivered);
}
