//! Queue to worker: brings one agency's parcels, as many at once as it has workers, and tells the broker
//! what became of each. A message that is no parcel goes to the dead letters with an alarm; the dead
//! letters themselves are drained here, counted and named by id: the database brings every one of them
//! again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use casework::AgencyCode;
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tokio::sync::mpsc;

use super::end::End;
use super::shared::Shared;
use super::verdict::{Open, Verdict};
use super::{canary, event, measure};
use crate::Taken;

/// Parcels of the dead-letter queue looked at together.
const DEAD_AT_ONCE: u16 = 32;

/// A consumer's signs of life.
#[derive(Default)]
pub(super) struct Pulse {
    pub(super) consumes: AtomicBool,
    pub(super) brought: AtomicU64,
    pub(super) in_hand: AtomicU32,
}

/// Brings an agency's parcels until the consumer ends.
pub(super) async fn bring(
    shared: Arc<Shared>,
    channel: Channel,
    agency: AgencyCode,
    verdicts: mpsc::UnboundedSender<Verdict>,
    pulse: Arc<Pulse>,
) -> End {
    let Some(line) = shared.lines.get(&agency) else { return End::Silent("an agency without a line") };
    let queue = shared.names.work(&agency);
    let at_once = shared.prefetch.get(&agency).copied().unwrap_or(1).max(1);
    let mut consumer = match consume(&channel, &queue, at_once).await {
        Ok(consumer) => consumer,
        Err(error) => return End::Lost(error),
    };
    let open = Arc::<Open>::default();
    pulse.consumes.store(true, Ordering::Relaxed);
    while let Some(delivery) = consumer.next().await {
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(error) => return End::Lost(error),
        };
        let tag = delivery.delivery_tag;
        open.begin(tag);
        if canary::sent_home(&shared, &delivery.properties) {
            _ = verdicts.send(Verdict { acker: delivery.acker, tag, open: Arc::clone(&open), done: true });
            continue;
        }
        pulse.brought.fetch_add(1, Ordering::Relaxed);
        if delivery.redelivered {
            measure::count(measure::REDELIVERED, &agency);
        }
        let Some(taken) = read(&agency, delivery, &verdicts, &pulse, &open).await else { continue };
        measure::count(measure::CONSUMED, &agency);
        if line.enter.send(taken).await.is_err() {
            return End::Stopped;
        }
    }
    End::Silent("the broker cancelled a consumer")
}

async fn consume(channel: &Channel, queue: &str, at_once: u16) -> lapin::Result<Consumer> {
    channel.basic_qos(at_once, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await
}

/// The parcel in a message; one that is none is put aside.
async fn read(
    agency: &AgencyCode,
    delivery: Delivery,
    verdicts: &mpsc::UnboundedSender<Verdict>,
    pulse: &Arc<Pulse>,
    open: &Arc<Open>,
) -> Option<Taken> {
    let (acker, tag) = (delivery.acker, delivery.delivery_tag);
    let found = event::parcel(&delivery.properties, delivery.data);
    let parcel = match found.and_then(|read| if read.to == *agency { Ok(read) } else { Err("recipient") }) {
        Ok(parcel) => parcel,
        Err(header) => {
            tracing::error!(alarm = "malformed-message", %agency, header, "no parcel; put aside");
            measure::malformed(agency.as_str());
            _ = acker.reject(BasicRejectOptions { requeue: false }).await;
            open.end(tag);
            return None;
        }
    };
    let (verdicts, pulse, open) = (verdicts.clone(), Arc::clone(pulse), Arc::clone(open));
    pulse.in_hand.fetch_add(1, Ordering::Relaxed);
    Some(Taken::new(parcel, move |done| {
        pulse.in_hand.fetch_sub(1, Ordering::Relaxed);
        _ = verdicts.send(Verdict { acker, tag, open, done });
    }))
}

/// Empties the dead-letter queue.
pub(super) async fn bury(shared: Arc<Shared>, channel: Channel) -> End {
    let queue = shared.names.dead();
    let mut consumer = match consume(&channel, &queue, DEAD_AT_ONCE).await {
        Ok(consumer) => consumer,
        Err(error) => return End::Lost(error),
    };
    while let Some(delivery) = consumer.next().await {
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(error) => return End::Lost(error),
        };
        match event::parcel(&delivery.properties, Vec::new()) {
            Ok(parcel) => {
                let (id, agency) = (parcel.delivery, parcel.to);
                tracing::error!(alarm = "dead-lettered", delivery = %id, %agency, "no worker took a parcel");
                measure::dead(agency.as_str());
            }
            Err(_) => measure::dead("unknown"),
        }
        if let Err(error) = delivery.acker.ack(BasicAckOptions::default()).await {
            return End::Lost(error);
        }
    }
    End::Silent("the broker cancelled the consumer of dead letters")
}
