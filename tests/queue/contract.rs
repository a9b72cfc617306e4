//! What both kinds promise: what was published is taken, by its own agency, whole; a parcel let go comes
//! again; an unknown agency has no queue; a closed queue gives and takes nothing.

use std::sync::Arc;

use queue::{Embedded, Parcel, Queue, QueueError, QueueState, Rabbit, RabbitSettings};
use tokio::time::timeout;

use super::broker::{LONG, broker, cpi, laja, parcel, quick, take, until_up};

async fn check(queue: Arc<dyn Queue>) {
    assert_eq!(queue.state(), QueueState::Up);
    carried_whole(&*queue).await;
    let_go_comes_again(&*queue).await;
    let stranger = "moh".parse().unwrap();
    assert_eq!(queue.publish(parcel("moh".parse().unwrap())).await, Err(QueueError::NoQueue(stranger)));

    let waiting = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.take(&cpi()).await.is_none() }
    });
    tokio::task::yield_now().await;
    queue.close();
    assert!(timeout(LONG, waiting).await.unwrap().unwrap(), "a taker waits on a closed queue");
    assert_eq!(queue.publish(parcel(cpi())).await, Err(QueueError::Closed));
    timeout(LONG, queue.closed()).await.expect("the queue does not end");
}

/// Larger than a frame, and than all that a connection holds ready, goes as whole as the small.
const LARGE: usize = 2 * 1024 * 1024;

async fn carried_whole(queue: &dyn Queue) {
    let mut sent: Vec<_> = (0..8).map(|at| parcel(if at % 2 == 0 { cpi() } else { laja() })).collect();
    for parcel in sent.iter_mut().skip(2).step_by(3) {
        parcel.sealed = parcel.sealed.repeat(LARGE / parcel.sealed.len()).into();
    }
    for parcel in &sent {
        queue.publish(parcel.clone()).await.unwrap();
    }
    for (agency, first) in [(cpi(), 0), (laja(), 1)] {
        for expected in sent.iter().skip(first).step_by(2) {
            let taken = take(queue, &agency).await;
            assert_eq!(&taken.parcel, expected, "in order, and whole");
            taken.done();
        }
    }
}

async fn let_go_comes_again(queue: &dyn Queue) {
    let sent = parcel(cpi());
    queue.publish(sent.clone()).await.unwrap();
    drop(take(queue, &cpi()).await);
    let again = take(queue, &cpi()).await;
    assert_eq!(again.parcel, sent);
    again.done();
}

/// Four in the workers' hands, of which all but the second are done, in no order.
async fn one_of_four_is_left(queue: &dyn Queue) -> Parcel {
    let sent: Vec<_> = (0..4).map(|_| parcel(cpi())).collect();
    for parcel in &sent {
        queue.publish(parcel.clone()).await.unwrap();
    }
    let mut taken = Vec::new();
    for _ in &sent {
        taken.push(take(queue, &cpi()).await);
    }
    taken.remove(3).done();
    taken.remove(0).done();
    taken.remove(1).done();
    taken.remove(0).parcel.clone()
}

/// What another worker has done is told together; of what is not done nothing is said.
#[tokio::test]
async fn only_what_is_done_is_acknowledged() {
    let Some(broker) = broker("queue::contract::only_what_is_done_is_acknowledged") else { return };
    let settings = broker.settings(quick());
    let same = RabbitSettings { prefix: settings.prefix.clone(), ..broker.settings(quick()) };
    let first = Rabbit::open(settings).unwrap();
    until_up(&first).await;
    let left = one_of_four_is_left(&first).await;
    first.close();
    timeout(LONG, first.closed()).await.expect("the queue does not end");
    let second = Rabbit::open(same).unwrap();
    until_up(&second).await;
    let again = take(&second, &cpi()).await;
    assert_eq!(again.parcel, left);
    again.done();
    assert_eq!(second.held(&cpi()).await, Some(0), "and nothing else comes again");
    second.remove().await.unwrap();
}

#[tokio::test]
async fn embedded() {
    check(Arc::new(Embedded::new([cpi(), laja()]))).await;
}

#[tokio::test]
async fn rabbit() {
    let Some(broker) = broker("queue::contract::rabbit") else { return };
    let rabbit = broker.open(quick()).await;
    check(rabbit.clone()).await;
    rabbit.remove().await.unwrap();
}
