//! The connection fails: cut while publishing, dead without a word, a consumer gone. In every case nothing is
//! called published that is not, the bound for noticing holds, and afterwards everything flows again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::AgencyCode;
use futures_util::future::join_all;
use lapin::options::QueueDeleteOptions;
use queue::{Parcel, Queue, QueueError, QueueState, Rabbit, Tuning};
use tokio::time::timeout;

use super::broker::{
    Broker, LONG, broker, cpi, laja, parcel, publish_until_confirmed, quick, take, until, until_up,
};
use super::proxy::{Passing, Proxy};

/// A parcel is published again after this.
const AGAIN: Duration = Duration::from_secs(5);

async fn behind_a_proxy(test: &str, tuning: Tuning) -> Option<(Broker, Proxy, Arc<Rabbit>)> {
    let broker = broker(test)?;
    let proxy = Proxy::start(broker.port()).await;
    let rabbit = broker.by_port(proxy.port).open(tuning).await;
    Some((broker, proxy, rabbit))
}

/// Published again where it does not come, as the relay does: a queue that somebody deletes may take a
/// confirmed parcel with it. A consumer that stays dead brings none of them.
async fn flows(rabbit: &Rabbit) {
    for agency in [cpi(), laja()] {
        let sent = parcel(agency.clone());
        let flowing = async {
            loop {
                publish_until_confirmed(rabbit, &sent).await;
                if timeout(AGAIN, comes(rabbit, &agency, &sent)).await.is_ok() {
                    return;
                }
            }
        };
        timeout(LONG, flowing).await.expect("nothing flows");
    }
}

async fn comes(rabbit: &Rabbit, agency: &AgencyCode, sent: &Parcel) {
    loop {
        // Older ones may come first.
        let taken = take(rabbit, agency).await;
        let is_it = taken.parcel.delivery == sent.delivery;
        taken.done();
        if is_it {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_while_publishing() {
    let Some((_, proxy, rabbit)) = behind_a_proxy("queue::faults::cut_while_publishing", quick()).await
    else {
        return;
    };
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    // A quick broker confirms a whole wave before the cut is felt; then another one follows.
    let waves = async {
        while failed.is_empty() {
            let wave: Vec<_> = (0..200).map(|_| parcel(cpi())).collect();
            let results = join_all(wave.iter().map(|parcel| rabbit.publish(parcel.clone()))).await;
            let lost = wave.iter().zip(&results).filter(|(_, result)| result.is_err());
            failed.extend(lost.map(|(parcel, _)| parcel.clone()));
            sent.extend(wave);
        }
    };
    let cut = async { proxy.set(Passing::Cut) };
    timeout(LONG, async { tokio::join!(waves, cut) }).await.expect("a publish hangs, or none fails");
    until("the loss is seen", || matches!(rabbit.state(), QueueState::Down { .. })).await;
    assert_eq!(rabbit.publish(parcel(cpi())).await, Err(QueueError::Unreachable));

    proxy.set(Passing::Free);
    until_up(&*rabbit).await;
    for parcel in &failed {
        publish_until_confirmed(&*rabbit, parcel).await;
    }
    let mut missing: std::collections::BTreeSet<_> = sent.iter().map(|parcel| parcel.delivery).collect();
    while !missing.is_empty() {
        let taken = take(&*rabbit, &cpi()).await;
        missing.remove(&taken.parcel.delivery);
        taken.done();
    }
    flows(&rabbit).await;
    rabbit.remove().await.unwrap();
}

/// Nobody says a word any more; heartbeats are off the table at one minute, so the canary has to notice.
#[tokio::test(flavor = "multi_thread")]
async fn dead_route_noticed_by_the_canary() {
    let tuning = Tuning {
        heartbeat_seconds: 60,
        canary_within: Duration::from_secs(1),
        confirm_within: Duration::from_secs(2),
        answer_within: Duration::from_secs(2),
        connect_within: Duration::from_secs(2),
        ..quick()
    };
    noticed("queue::faults::dead_route_noticed_by_the_canary", tuning, Duration::from_secs(15)).await;
}

/// The same without canaries: two heartbeats without a sign of life.
#[tokio::test(flavor = "multi_thread")]
async fn dead_route_noticed_by_the_heartbeat() {
    let tuning = Tuning {
        heartbeat_seconds: 2,
        canary_every: LONG,
        connect_within: Duration::from_secs(2),
        ..quick()
    };
    noticed("queue::faults::dead_route_noticed_by_the_heartbeat", tuning, Duration::from_secs(20)).await;
}

async fn noticed(test: &str, tuning: Tuning, within: Duration) {
    let Some((_, proxy, rabbit)) = behind_a_proxy(test, tuning).await else { return };
    flows(&rabbit).await;
    proxy.set(Passing::Swallowed);
    let silence = Instant::now();
    until("the dead route is seen", || matches!(rabbit.state(), QueueState::Down { .. })).await;
    assert!(silence.elapsed() < within, "seen after {:?}", silence.elapsed());
    proxy.set(Passing::Cut);
    proxy.set(Passing::Free);
    until_up(&*rabbit).await;
    flows(&rabbit).await;
    rabbit.remove().await.unwrap();
}

/// Somebody deletes a queue that is consumed: the broker cancels the consumer; queue and consumer come back.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_consumer_is_rebuilt() {
    let Some(broker) = broker("queue::faults::a_lost_consumer_is_rebuilt") else { return };
    let settings = broker.settings(quick());
    let prefix = settings.prefix.clone();
    let rabbit = Rabbit::open(settings).unwrap();
    until_up(&rabbit).await;
    flows(&rabbit).await;
    let (connection, channel) = broker.behind().await;
    channel.queue_delete(format!("{prefix}.work.cpi").into(), QueueDeleteOptions::default()).await.unwrap();
    flows(&rabbit).await;
    connection.close(200, "OK".into()).await.unwrap();
    rabbit.remove().await.unwrap();
}

/// No broker at all: the queue opens, says so, and ends without waiting for one.
#[tokio::test]
async fn starts_and_ends_without_a_broker() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    let broker = Broker { url: format!("amqp://amaan:none@127.0.0.1:{port}/%2f"), ca_pem: None };
    let rabbit = Rabbit::open(broker.settings(quick())).unwrap();
    assert!(matches!(rabbit.state(), QueueState::Down { .. }));
    assert_eq!(rabbit.publish(parcel(cpi())).await, Err(QueueError::Unreachable));
    timeout(Duration::from_secs(20), rabbit.closed()).await.expect("it waits for a broker to end");
}

#[tokio::test]
async fn settings_that_cannot_be_right() {
    for (url, ca, prefix, expected) in [
        (
            "no url",
            None,
            "amaan",
            "the settings of the queue: the url is not one; \
            write amqps://USER:PASSWORD@HOST:PORT/%2f",
        ),
        (
            "amqp://u:p@broker.example:5672/%2f",
            None,
            "amaan",
            "the settings of the queue: plain amqp:// only to this machine itself; use amqps://",
        ),
        (
            "amqps://u:p@broker.example/%2f",
            Some("no pem"),
            "amaan",
            "the settings of the queue: the CA file holds no certificate in PEM form",
        ),
        (
            "amqp://u:p@127.0.0.1/%2f",
            None,
            "a b",
            "the settings of the queue: the prefix is 1 to 64 letters, digits, dots, dashes",
        ),
    ] {
        let broker = Broker { url: url.to_owned(), ca_pem: ca.map(ToOwned::to_owned) };
        let settings = queue::RabbitSettings { prefix: prefix.to_owned(), ..broker.settings(quick()) };
        assert_eq!(Rabbit::open(settings).unwrap_err().to_string(), expected);
    }
}
