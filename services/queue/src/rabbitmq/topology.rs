//! What is declared at the broker: one topic exchange, one bounded quorum queue per agency with a delivery
//! limit, and a dead-letter exchange with its queue. Declared again with every connection; declaring what is
//! there already changes nothing, and declaring it *differently* is refused by the broker.

use casework::AgencyCode;
use lapin::options::{
    ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

use super::settings::{Names, Tuning, route};

/// Parcels the dead-letter queue keeps, should nobody drain it; the oldest go first, the database has them.
const DEAD_MAX: i32 = 10_000;

pub(super) async fn declare(
    channel: &Channel,
    names: &Names,
    agencies: &[AgencyCode],
    tuning: &Tuning,
) -> lapin::Result<()> {
    let lasting = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let none = FieldTable::default;
    channel.exchange_declare(names.exchange().into(), ExchangeKind::Topic, lasting, none()).await?;
    channel.exchange_declare(names.dead().into(), ExchangeKind::Fanout, lasting, none()).await?;
    channel.queue_declare(names.dead().into(), QueueDeclareOptions::durable(), for_the_dead()).await?;
    let plain = QueueBindOptions::default();
    channel.queue_bind(names.dead().into(), names.dead().into(), "".into(), plain, none()).await?;
    for agency in agencies {
        let (queue, key) = (names.work(agency), route(agency));
        let options = QueueDeclareOptions::durable();
        channel.queue_declare(queue.clone().into(), options, for_work(names, tuning)).await?;
        channel.queue_bind(queue.into(), names.exchange().into(), key.into(), plain, none()).await?;
    }
    Ok(())
}

/// At-least-once dead lettering needs a queue that refuses what is too much; both are said aloud, because
/// the broker's defaults are to drop the oldest and to dead-letter at most once.
fn for_work(names: &Names, tuning: &Tuning) -> FieldTable {
    let mut table = FieldTable::default();
    let text = |text: &str| AMQPValue::LongString(text.into());
    table.insert("x-queue-type".into(), text("quorum"));
    table.insert("x-max-length".into(), AMQPValue::LongInt(tuning.queue_length_max));
    table.insert("x-overflow".into(), text("reject-publish"));
    table.insert("x-delivery-limit".into(), AMQPValue::LongInt(tuning.delivery_limit));
    table.insert("x-dead-letter-exchange".into(), text(&names.dead()));
    table.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    table
}

fn for_the_dead() -> FieldTable {
    let mut table = FieldTable::default();
    table.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    table.insert("x-max-length".into(), AMQPValue::LongInt(DEAD_MAX));
    table.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
    table
}

/// Deletes all of it, with whatever lies there.
pub(super) async fn remove(channel: &Channel, names: &Names, agencies: &[AgencyCode]) -> lapin::Result<()> {
    for agency in agencies {
        channel.queue_delete(names.work(agency).into(), QueueDeleteOptions::default()).await?;
    }
    channel.queue_delete(names.dead().into(), QueueDeleteOptions::default()).await?;
    channel.exchange_delete(names.exchange().into(), ExchangeDeleteOptions::default()).await?;
    channel.exchange_delete(names.dead().into(), ExchangeDeleteOptions::default()).await
}
