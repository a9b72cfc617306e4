//! A bare quorum queue: publish, confirm, consume, acknowledge, by the same library that the hub uses, with
//! so many messages unconfirmed at a time. Two connections over TLS, as a hub has; persistent messages; a
//! queue of its own, deleted at the end, and by the broker itself should this process die.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hdrhistogram::Histogram;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::tcp::OwnedTLSConfig;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use serde_json::json;

use crate::Failure;
use crate::tally::cpu_micros;
use crate::writer::bounded;

const BYTES_MAX: usize = 1024 * 1024;
const DEPTH_MAX: usize = 4096;
const PREFETCH: u16 = 256;
/// AMQP's number for a message that outlives the broker.
const PERSISTENT: u8 = 2;
/// An unused queue goes by itself after this time.
const EXPIRES_MS: i32 = 120_000;
/// A broker that is silent for so long has stopped.
const PATIENCE: Duration = Duration::from_secs(30);
/// A polite close may take this long.
const CLOSE_MAX: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Queue {
    /// A file with `amqps://USER:PASSWORD@HOST:PORT/%2f`.
    #[arg(long)]
    url_file: PathBuf,
    /// The authority that signed the broker's certificate.
    #[arg(long)]
    ca_file: PathBuf,
    /// A message's length.
    #[arg(long, default_value_t = 1600)]
    bytes: usize,
    /// Messages unconfirmed at a time.
    #[arg(long, default_value_t = 64)]
    depth: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

impl Queue {
    pub fn run(self) -> Result<String, Failure> {
        if self.depth == 0 || self.depth > DEPTH_MAX || self.bytes > BYTES_MAX {
            return Err(format!("--depth is 1 to {DEPTH_MAX}, --bytes at most {BYTES_MAX}").into());
        }
        let wanted = bounded(self.seconds)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let bounded = async { tokio::time::timeout(wanted + PATIENCE, self.measured(wanted)).await };
        let told = runtime.block_on(bounded);
        runtime.shutdown_background();
        told.map_err(|_| "the broker or its library stopped answering; look at the broker's log")?
    }

    async fn measured(&self, wanted: Duration) -> Result<String, Failure> {
        let (sending, taking) = (self.connect().await?, self.connect().await?);
        let (out, back) = (sending.create_channel().await?, taking.create_channel().await?);
        let name = format!("amaan-bench-{}", uuid::Uuid::new_v4().simple());
        declare(&out, &name).await?;
        let done = self.through(&out, &back, &name, wanted).await;
        let deleted = out.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await;
        // What went wrong first is the cause.
        let told = done?;
        deleted?;
        // A courtesy: now and then the library waits for an answer that does not come.
        for connection in [sending, taking] {
            _ = tokio::time::timeout(CLOSE_MAX, connection.close(200, "OK".into())).await;
        }
        Ok(told)
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let url = std::fs::read_to_string(&self.url_file)?;
        let tls =
            OwnedTLSConfig { identity: None, cert_chain: Some(std::fs::read_to_string(&self.ca_file)?) };
        let runtime = lapin::runtime::default_runtime()?;
        let properties = ConnectionProperties::default();
        let connecting = Connection::connect_with_config(url.trim(), properties, tls, runtime);
        Ok(tokio::time::timeout(PATIENCE, connecting).await??)
    }

    async fn through(
        &self,
        out: &Channel,
        back: &Channel,
        name: &str,
        wanted: Duration,
    ) -> Result<String, Failure> {
        back.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let plain = BasicConsumeOptions::default();
        let consumer = back.basic_consume(name.into(), "".into(), plain, FieldTable::default()).await?;
        let (total, told) = tokio::sync::watch::channel(None);
        let taking = tokio::spawn(take(consumer, told));
        let (started, before) = (Instant::now(), cpu_micros()?);
        let confirmed_in = self.send(out, name, started + wanted).await?;
        total.send_replace(Some(confirmed_in.len()));
        let messages = tokio::time::timeout(PATIENCE, taking).await???;
        let (took, cpu) = (started.elapsed(), cpu_micros()?.saturating_sub(before));
        Ok(json!({
            "msgs_per_s": messages as f64 / took.as_secs_f64(),
            "cpu_us_per_msg": cpu as f64 / messages as f64,
            "confirm_p50_ms": confirmed_in.value_at_quantile(0.5) as f64 / 1000.0,
            "confirm_p99_ms": confirmed_in.value_at_quantile(0.99) as f64 / 1000.0,
            "messages": messages,
            "depth": self.depth,
            "bytes": self.bytes,
        })
        .to_string())
    }

    /// Publishes until then; gives how long each confirm took, in microseconds.
    async fn send(&self, out: &Channel, name: &str, until: Instant) -> Result<Histogram<u64>, Failure> {
        let body = vec![b'7'; self.bytes];
        let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
        let mut times = Histogram::<u64>::new(3)?;
        let mut unconfirmed = FuturesUnordered::new();
        loop {
            while unconfirmed.len() < self.depth && Instant::now() < until {
                let (started, options) = (Instant::now(), BasicPublishOptions::default());
                let sent =
                    out.basic_publish("".into(), name.into(), options, &body, properties.clone()).await?;
                unconfirmed.push(async move { (sent.await, started.elapsed()) });
            }
            let Some((confirmed, took)) = tokio::time::timeout(PATIENCE, unconfirmed.next()).await? else {
                return Ok(times);
            };
            if !matches!(confirmed?, Confirmation::Ack(None)) {
                return Err("the broker did not take a message".into());
            }
            times.record(u64::try_from(took.as_micros())?.max(1))?;
        }
    }
}

async fn declare(channel: &Channel, name: &str) -> Result<(), Failure> {
    let mut table = FieldTable::default();
    table.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    table.insert("x-expires".into(), AMQPValue::LongInt(EXPIRES_MS));
    channel.queue_declare(name.into(), QueueDeclareOptions::durable(), table).await?;
    Ok(channel.confirm_select(ConfirmSelectOptions::default()).await?)
}

/// Takes and acknowledges, one by one, until as many came as were sent.
async fn take(
    mut consumer: Consumer,
    mut total: tokio::sync::watch::Receiver<Option<u64>>,
) -> Result<u64, Failure> {
    let mut messages = 0;
    loop {
        tokio::select! {
            delivery = consumer.next() => {
                delivery.ok_or("the consumer was cancelled")??.ack(BasicAckOptions::default()).await?;
                messages += 1;
            }
            _ = total.changed() => {}
        }
        if total.borrow().is_some_and(|total| messages >= total) {
            return Ok(messages);
        }
    }
}
