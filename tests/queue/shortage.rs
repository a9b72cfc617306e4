//! The broker runs short of memory: it says so, publishing pauses at once, and nothing waits or is lost.
//! Only on a broker that is the test's own (`AMAAN_RABBITMQ_CTL` with `AMAAN_QUEUE_OWN`): the alarm stops
//! everybody.

use std::process::Command;
use std::time::{Duration, Instant};

use queue::{Queue, QueueError, QueueState};
use tokio::time::timeout;

use super::broker::{LONG, broker, cpi, parcel, publish_until_confirmed, quick, take, until, until_up};

fn watermark(ctl: &str, value: &str) {
    let done = Command::new(ctl).args(["run", "set_vm_memory_high_watermark", value]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_connection_pauses() {
    let own = std::env::var("AMAAN_QUEUE_OWN").is_ok();
    let (true, Ok(ctl), Some(broker)) =
        (own, std::env::var("AMAAN_RABBITMQ_CTL"), broker("queue::shortage::a_blocked_connection_pauses"))
    else {
        println!("not run: a_blocked_connection_pauses needs a RabbitMQ of its own (AMAAN_QUEUE_OWN=1)");
        return;
    };
    let rabbit = broker.open(quick()).await;
    rabbit.publish(parcel(cpi())).await.unwrap();
    watermark(&ctl, "0.000001");
    // The broker tells whoever publishes, on the first attempt; that one may still get in.
    let first = rabbit.publish(parcel(cpi()));
    _ = timeout(LONG, first).await.expect("a publish waits for the broker's memory");
    until("the pause is seen", || rabbit.state() == QueueState::Blocked).await;
    let asked = Instant::now();
    assert_eq!(rabbit.publish(parcel(cpi())).await, Err(QueueError::Paused));
    assert!(asked.elapsed() < Duration::from_secs(1));
    // What is there is still brought and acknowledged, over the other connection.
    take(&*rabbit, &cpi()).await.done();
    watermark(&ctl, "0.4");
    until_up(&*rabbit).await;
    let sent = parcel(cpi());
    publish_until_confirmed(&*rabbit, &sent).await;
    while {
        let taken = take(&*rabbit, &cpi()).await;
        let more = taken.parcel.delivery != sent.delivery;
        taken.done();
        more
    } {}
    rabbit.remove().await.unwrap();
}
