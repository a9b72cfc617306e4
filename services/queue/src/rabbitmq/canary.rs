//! Proof that what is published is also brought: a message goes out over one connection, through the
//! exchange, and has to come in over the other in time. Then one through each idle work queue, answered
//! by whichever hub consumes it: a broker may count a consumer and hand it parcels that never arrive (a
//! quorum queue deleted and declared anew does that), and only a message through that very queue shows
//! it. Of a busy queue it is enough that its consumer goes on bringing.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use casework::AgencyCode;
use futures_util::StreamExt;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Consumer};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::consumer::Pulse;
use super::end::End;
use super::measure;
use super::settings::route;
use super::shared::{Shared, Side};
use super::wave::{Fate, Job};

/// `type` of a canary sent through a work queue.
const KIND: &str = "amaan.canary";

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
        let way = cage.route.clone();
        if let Err(end) = fly(&shared, &mut cage, way).await {
            return end;
        }
        let consumed = pulses.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (agency, pulse) in consumed.iter().filter(|(_, pulse)| pulse.consumes.load(Ordering::Relaxed)) {
            if let Err(end) = look(&shared, &looking, &mut cage, agency, pulse, &mut seen).await {
                return end;
            }
        }
        shared.pause(shared.tuning.canary_every).await;
        if shared.is_ending() {
            return End::Stopped;
        }
    }
}

/// One canary out by this way and in again. Where nothing can be published there is nothing to prove.
async fn fly(shared: &Shared, cage: &mut Cage, way: String) -> Result<(), End> {
    if *shared.out.borrow() != Side::Up {
        return Ok(());
    }
    let id = Uuid::new_v4().simple().to_string();
    match send(shared, way, &id, &cage.route).await {
        Some(Fate::Kept) => {}
        Some(Fate::Returned) => return Err(lost("a canary found no way in")),
        _ => return Ok(()),
    }
    match timeout(shared.tuning.canary_within, comes(&mut cage.consumer, &id)).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(lost("the canary's consumer ended")),
        Err(_) => Err(lost("a canary did not come back in time")),
    }
}

fn lost(what: &'static str) -> End {
    measure::canary_lost();
    End::Silent(what)
}

async fn send(shared: &Shared, way: String, id: &str, back: &str) -> Option<Fate> {
    let (answer, answered) = oneshot::channel();
    let properties = BasicProperties::default().with_message_id(id.into());
    let properties = properties.with_type(KIND.into()).with_reply_to(back.into());
    let job = Job { route: way, id: id.to_owned(), properties, body: Arc::from([]), answer };
    shared.give(None, job).await.ok()?;
    answered.await.ok()
}

/// Is this message of a work queue a canary? Then it is sent home, to whichever hub's it is.
pub(super) fn sent_home(shared: &Arc<Shared>, properties: &BasicProperties) -> bool {
    let is_one = properties.kind().as_ref().is_some_and(|kind| kind.as_str() == KIND);
    let home = properties.reply_to().as_ref().map(|home| home.as_str().to_owned());
    if let (true, Some(home), Some(id)) = (is_one, home, properties.message_id().clone())
        && home.starts_with(&shared.names.canary())
    {
        let shared = Arc::clone(shared);
        tokio::spawn(async move { send(&shared, home.clone(), id.as_str(), &home).await });
    }
    is_one
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

async fn look(
    shared: &Shared,
    looking: &Channel,
    cage: &mut Cage,
    agency: &AgencyCode,
    pulse: &Pulse,
    seen: &mut Seen,
) -> Result<(), End> {
    let (name, passive) = (shared.names.work(agency), QueueDeclareOptions::durable().passive());
    let asked = looking.queue_declare(name.into(), passive, FieldTable::default());
    let answered = timeout(shared.tuning.answer_within, asked).await;
    let queue = answered.map_err(|_| End::Silent("the broker does not answer"))??;
    if queue.consumer_count() == 0 {
        return Err(End::Silent("the broker knows no consumer of a queue that is consumed"));
    }
    let brought = pulse.brought.load(Ordering::Relaxed);
    let is_idle = pulse.in_hand.load(Ordering::Relaxed) == 0;
    let waits = is_idle && queue.message_count() > 0;
    if waits && seen.get(agency) == Some(&(brought, true)) {
        return Err(End::Silent("parcels wait and a consumer brings none"));
    }
    seen.insert(agency.clone(), (brought, waits));
    if is_idle && !waits { fly(shared, cage, route(agency)).await } else { Ok(()) }
}
