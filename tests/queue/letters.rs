//! What the broker does with a message: unroutable, refused because the queue is full, no parcel at all, and
//! brought too often. None of it counts as published or crashes anything.

use std::time::Duration;

use futures_util::future::join_all;
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use queue::{Queue, QueueError, Rabbit, Tuning};

use super::broker::{broker, cpi, laja, parcel, publish_until_confirmed, quick, take, until_up};

/// The binding is gone: the message is returned, and acknowledged all the same. It is declared again at once;
/// in a burst, no parcel is called published that was returned.
#[tokio::test(flavor = "multi_thread")]
async fn an_unbound_queue_is_bound_again() {
    let Some(broker) = broker("queue::letters::an_unbound_queue_is_bound_again") else { return };
    let settings = broker.settings(Tuning { queue_length_max: 1_000, ..quick() });
    let prefix = settings.prefix.clone();
    let rabbit = Rabbit::open(settings).unwrap();
    until_up(&rabbit).await;
    let (connection, channel) = broker.behind().await;
    let names = (format!("{prefix}.work.cpi"), format!("{prefix}.events"));
    let sent: Vec<_> = (0..100).map(|_| parcel(cpi())).collect();
    let unbind = async {
        let (queue, exchange) = (names.0.as_str().into(), names.1.as_str().into());
        channel.queue_unbind(queue, exchange, "delivery.cpi".into(), FieldTable::default()).await.unwrap();
    };
    unbind.await;
    let results = join_all(sent.iter().map(|parcel| rabbit.publish(parcel.clone()))).await;
    let mut confirmed: std::collections::BTreeSet<_> = sent
        .iter()
        .zip(&results)
        .filter(|(_, result)| result.is_ok())
        .map(|(sent, _)| sent.delivery)
        .collect();
    assert_eq!(confirmed.len(), sent.len(), "{results:?}");
    while !confirmed.is_empty() {
        let taken = take(&rabbit, &cpi()).await;
        confirmed.remove(&taken.parcel.delivery);
        taken.done();
    }
    connection.close(200, "OK".into()).await.unwrap();
    rabbit.remove().await.unwrap();
}

/// A full queue refuses, which is no confirm; the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses() {
    let Some(broker) = broker("queue::letters::a_full_queue_refuses") else { return };
    let rabbit = broker.open(Tuning { queue_length_max: 5, ..quick() }).await;
    let mut confirmed = 0;
    let mut refused = false;
    // The bound is a soft one: a few more than five may get in.
    for _ in 0..100 {
        match rabbit.publish(parcel(cpi())).await {
            Ok(()) => confirmed += 1,
            Err(error) => {
                assert_eq!(error, QueueError::Full(cpi()));
                refused = true;
                break;
            }
        }
    }
    assert!(refused && confirmed >= 5, "{confirmed} in a queue of five");
    rabbit.publish(parcel(laja())).await.unwrap();
    for _ in 0..confirmed {
        take(&*rabbit, &cpi()).await.done();
    }
    publish_until_confirmed(&*rabbit, &parcel(cpi())).await;
    rabbit.remove().await.unwrap();
}

/// A message that is no parcel, or one for somebody else: put aside, and the next one is brought.
#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_put_aside() {
    let Some(broker) = broker("queue::letters::garbage_is_put_aside") else { return };
    let settings = broker.settings(quick());
    let prefix = settings.prefix.clone();
    let rabbit = Rabbit::open(settings).unwrap();
    until_up(&rabbit).await;
    let (connection, channel) = broker.behind().await;
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    for properties in
        [BasicProperties::default(), BasicProperties::default().with_headers(FieldTable::default())]
    {
        let (exchange, key) = (format!("{prefix}.events"), "delivery.cpi".into());
        let sending = channel.basic_publish(
            exchange.into(),
            key,
            BasicPublishOptions::default(),
            b"\xff\x00",
            properties,
        );
        assert!(sending.await.unwrap().await.unwrap().is_ack());
    }
    let sent = parcel(cpi());
    rabbit.publish(sent.clone()).await.unwrap();
    let taken = take(&rabbit, &cpi()).await;
    assert_eq!(taken.parcel, sent);
    taken.done();
    gone(&channel, &format!("{prefix}.work.cpi")).await;
    gone(&channel, &format!("{prefix}.dead")).await;
    connection.close(200, "OK".into()).await.unwrap();
    rabbit.remove().await.unwrap();
}

/// Let go too often, a parcel is a dead letter, and no longer stands in the way of the next.
#[tokio::test(flavor = "multi_thread")]
async fn the_delivery_limit_ends_a_parcel() {
    let Some(broker) = broker("queue::letters::the_delivery_limit_ends_a_parcel") else { return };
    let rabbit = broker.open(Tuning { delivery_limit: 2, ..quick() }).await;
    let (bad, good) = (parcel(cpi()), parcel(cpi()));
    rabbit.publish(bad.clone()).await.unwrap();
    for _ in 0..3 {
        let taken = take(&*rabbit, &cpi()).await;
        assert_eq!(taken.parcel, bad);
        drop(taken);
    }
    rabbit.publish(good.clone()).await.unwrap();
    let taken = take(&*rabbit, &cpi()).await;
    assert_eq!(taken.parcel, good, "the bad one came a fourth time");
    taken.done();
    rabbit.remove().await.unwrap();
}

/// Waits until a queue is empty.
async fn gone(channel: &lapin::Channel, name: &str) {
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let emptying = async {
        loop {
            let passive = QueueDeclareOptions::durable().passive();
            let queue = channel.queue_declare(name.into(), passive, FieldTable::default()).await.unwrap();
            if queue.message_count() == 0 {
                return;
            }
            looks.tick().await;
        }
    };
    tokio::time::timeout(super::broker::LONG, emptying).await.expect("messages stay in the queue");
}
