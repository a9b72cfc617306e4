//! What an operator stops is not called, spends no attempt, and is still stopped after a restart.

use casework::{Caller, Code, DeliveryStatus, MessageKind, SetSwitch};
use hub::{HandedOver, Hub};

use super::breaker::{ANSWERS, Line};
use super::world::{World, key, system};

fn operator() -> Caller {
    Caller { roles: vec!["operator".into()], ..system("hub") }
}

fn turn(message: Option<MessageKind>, off: bool) -> SetSwitch {
    let reason: Code = if off { "agency-asked" } else { "over" }.parse().unwrap();
    SetSwitch { agency: "nccia".parse().unwrap(), message, off, reason }
}

async fn turned(world: &World, message: Option<MessageKind>, off: bool, name: &str) -> usize {
    world.hub.set_switch(&operator(), turn(message, off), &key(name)).await.unwrap().len()
}

#[tokio::test]
async fn users_ask_16_a_switched_off_agency_is_not_called_after_a_restart() {
    let mut line = Line::new().await;
    line.does(ANSWERS);
    let id = line.message("one").await;
    assert_eq!(turned(&line.world, None, true, "off").await, 1);
    assert_eq!(turned(&line.world, None, true, "off-again").await, 1, "as it stands");
    for _ in 0..3 {
        assert_eq!(line.hand_over(id).await, HandedOver::Waits);
    }
    assert_eq!(
        (line.stands(id).await, line.calls()),
        ((DeliveryStatus::Queued, 0), 0),
        "no attempt is spent"
    );
    let of = line.world.hub.store.delivery(id).await.unwrap().unwrap().referral;
    let view = line.world.hub.show_referral(&system("ictp"), of).await.unwrap();
    assert_eq!(view.deliveries[0].held_by, Some("switch"), "its sender sees why it waits");
    // A process that starts anew knows nothing but what stands in the store.
    line.world = line.world.with(|hub| Hub { registers: hub::Registers::default(), ..hub });
    assert_eq!(line.hand_over(id).await, HandedOver::Waits);
    assert_eq!(line.calls(), 0);
    assert_eq!(turned(&line.world, None, false, "on").await, 0);
    assert_eq!(line.hand_over(id).await, HandedOver::Rested);
    assert_eq!((line.stands(id).await, line.calls()), ((DeliveryStatus::Delivered, 1), 1));
}

#[tokio::test]
async fn a_switch_for_one_kind_of_message_leaves_the_others() {
    let line = Line::new().await;
    line.does(ANSWERS);
    let id = line.message("one").await;
    turned(&line.world, Some(MessageKind::CancelRequest), true, "off").await;
    assert_eq!(line.hand_over(id).await, HandedOver::Rested, "a request is no cancellation");
    turned(&line.world, Some(MessageKind::Request), true, "off-2").await;
    let waiting = line.message("two").await;
    assert_eq!(line.hand_over(waiting).await, HandedOver::Waits);
    let listed = line.world.hub.list_switches().await.unwrap();
    let of: Vec<_> = listed.iter().filter_map(|one| one.message).collect();
    assert_eq!(of, ["referral.cancel-request", "referral.request"]);
}

#[tokio::test]
async fn only_an_operator_turns_a_switch() {
    let line = Line::new().await;
    let hub = &line.world.hub;
    let refused = hub.set_switch(&system("nccia"), turn(None, true), &key("a")).await.unwrap_err();
    assert_eq!(refused.slug(), "not-permitted");
    let nobody = SetSwitch { agency: "nobody".parse().unwrap(), ..turn(None, true) };
    assert_eq!(hub.set_switch(&operator(), nobody, &key("b")).await.unwrap_err().slug(), "unknown-agency");
    let because = SetSwitch { reason: "because".parse().unwrap(), ..turn(None, true) };
    assert_eq!(hub.set_switch(&operator(), because, &key("c")).await.unwrap_err().slug(), "unknown-code");
}

/// What a switch keeps from an agency is not shown to it in another way either.
#[tokio::test]
async fn a_switched_off_agency_reads_nothing_of_what_is_kept_from_it() {
    let line = Line::new().await;
    line.does(ANSWERS);
    let hub = &line.world.hub;
    let id = line.message("one").await;
    assert_eq!(line.hand_over(id).await, HandedOver::Rested);
    let referral = hub.store.delivery(id).await.unwrap().unwrap().referral;
    let receiver = system("nccia");
    let sees = async || {
        let shown = hub.show_referral(&receiver, referral).await.unwrap().message.is_some();
        let bundle = hub.evidence(&receiver, referral).await.unwrap();
        let bundle = String::from_utf8(bundle.expose().clone()).unwrap();
        (shown, bundle.lines().any(|line| line.starts_with("{\"copy\"")))
    };
    assert_eq!(sees().await, (true, true));
    turned(&line.world, Some(MessageKind::Request), true, "off").await;
    assert_eq!(sees().await, (false, false));
    assert!(hub.show_referral(&system("ictp"), referral).await.unwrap().message.is_some(), "its sender does");
    turned(&line.world, Some(MessageKind::Request), false, "on").await;
    assert_eq!(sees().await, (true, true));
}
