//! Proof that what is published is also brought: a message goes out over one connection, through the
//! exchange, and has to come in over the other in time. And a look at the work queues: parcels that wait
//! while workers are idle, or a queue the broker believes nobody consumes, mean that a consumer is dead
//! without knowing.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use casework::AgencyCode;
use futures_util::StreamExt;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::consumer::Pulse;
use super::end::End;
use super::measure;
use super::shared::{Shared, Side};
use super::wave::{Fate, Job};

/// The consumers of a connection, by agency.
pub(super) type Pulses = Arc<Mutex<BTreeMap<AgencyCode, Arc<Pulse>>>>;

/// A canary's own queue, gone with its connection.
pub(super) struct Cage {
    route: String,
    consumer: Consumer,
}

impl Cage {
    pub(super) async fn open(shared: &Shared, channel: &Channel) -> Result<Self, End> {
        let name = format!("{}.{}", shared.names.canary(), Uuid::new_v4().simple());
        let (short, none) = (QueueDeclareOptions::exclusive().auto_delete(), FieldTable::default);
        channel.queue_declare(name.as_str().into(), short, none()).await?;
        let (to, from) = (name.as_str().into(), shared.names.exchange().into());
        channel.queue_bind(to, from, name.as_str().into(), QueueBindOptions::default(), none()).await?;
        let unasked = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let consumer = channel.basic_consume(name.as_str().into(), "".into(), unasked, none()).await?;
        Ok(Self { route: name, consumer })
    }
}

/// Sends canaries and looks at the queues until something is wrong.
pub(super) async fn watch(shared: Arc<Shared>, looking: Channel, mut cage: Cage, pulses: Pulses) -> End {
    let mut seen = BTreeMap::new();
    loop {
        if let Err(end) = fly(&shared, &mut cage).await {
            measure::canary_lost();
            return end;
        }
        let looked = timeout(shared.tuning.answer_within, look(&shared, &looking, &pulses, &mut seen)).await;
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(end)) => return end,
            Err(_) => return End::Silent("the broker does not answer"),
        }
        shared.pause(shared.tuning.canary_every).await;
        if shared.is_ending() {
            return End::Stopped;
        }
    }
}

/// One canary out and in again. Where nothing can be published there is nothing to prove.
async fn fly(shared: &Shared, cage: &mut Cage) -> Result<(), End> {
    if *shared.out.borrow() != Side::Up {
        return Ok(());
    }
    let (answer, answered) = oneshot::channel();
    let id = Uuid::new_v4().simple().to_string();
    let properties = lapin::BasicProperties::default().with_message_id(id.as_str().into());
    let body: Arc<[u8]> = Arc::from([]);
    let job = Job { route: cage.route.clone(), id: id.clone(), properties, body, answer };
    if shared.give(None, job).await.is_err() {
        return Ok(());
    }
    match answered.await.unwrap_or(Fate::Unknown) {
        Fate::Kept => {}
        Fate::Returned => return Err(End::Silent("a canary found no way in")),
        Fate::Refused | Fate::Paused | Fate::Unknown => return Ok(()),
    }
    match timeout(shared.tuning.canary_within, comes(&mut cage.consumer, &id)).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(End::Silent("the canary's consumer ended")),
        Err(_) => Err(End::Silent("a canary did not come back in time")),
    }
}

async fn comes(consumer: &mut Consumer, id: &str) -> bool {
    while let Some(Ok(delivery)) = consumer.next().await {
        if delivery.properties.message_id().as_ref().is_some_and(|found| found.as_str() == id) {
            return true;
        }
    }
    false
}

/// What a consumer had brought when it was looked at, and whether it was idle beside a queue that is not.
type Seen = BTreeMap<AgencyCode, (u64, bool)>;

async fn look(shared: &Shared, looking: &Channel, pulses: &Pulses, seen: &mut Seen) -> Result<(), End> {
    let consumed = pulses.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (agency, pulse) in consumed {
        let name = shared.names.work(&agency);
        let passive = QueueDeclareOptions::durable().passive();
        let queue = looking.queue_declare(name.into(), passive, FieldTable::default()).await?;
        if queue.consumer_count() == 0 {
            return Err(End::Silent("the broker knows no consumer of a queue that is consumed"));
        }
        let brought = pulse.brought.load(Ordering::Relaxed);
        let idle = queue.message_count() > 0 && pulse.in_hand.load(Ordering::Relaxed) == 0;
        if idle && seen.get(&agency) == Some(&(brought, true)) {
            return Err(End::Silent("parcels wait and a consumer brings none"));
        }
        seen.insert(agency, (brought, idle));
    }
    Ok(())
}
