//! The broker the tests use, parcels to send, and a second, plain connection to look behind the queue's back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use casework::{AgencyCode, CaseId, DeliveryId, KeyId, MessageKind, ObjectId, Sensitive};
use queue::{Parcel, Queue, QueueState, Rabbit, RabbitSettings, Taken, Tuning};
use tokio::time::timeout;
use uuid::Uuid;

/// Longer than anything here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

/// Where the broker is, if there is one.
#[derive(Clone)]
pub struct Broker {
    pub url: String,
    pub ca_pem: Option<String>,
}

/// The broker, or one line that says why a test does nothing.
pub fn broker(test: &str) -> Option<Broker> {
    let Ok(url) = std::env::var("AMAAN_QUEUE_URL") else {
        println!("not run: {test} needs RabbitMQ (start it with ops/services)");
        return None;
    };
    let ca = std::env::var("AMAAN_CA_FILE").ok();
    Some(Broker { url, ca_pem: ca.map(|path| std::fs::read_to_string(path).unwrap()) })
}

pub fn cpi() -> AgencyCode {
    "cpi".parse().unwrap()
}

pub fn laja() -> AgencyCode {
    "laja".parse().unwrap()
}

/// Waits and bounds small enough to watch.
pub fn quick() -> Tuning {
    Tuning {
        retry_first: Duration::from_millis(20),
        retry_longest: Duration::from_millis(200),
        canary_every: Duration::from_secs(1),
        ..Tuning::default()
    }
}

impl Broker {
    pub fn settings(&self, tuning: Tuning) -> RabbitSettings {
        let prefix = format!("test-{}", Uuid::new_v4().simple());
        RabbitSettings {
            ca_pem: self.ca_pem.clone(),
            agencies: vec![cpi(), laja()],
            prefetch: BTreeMap::from([(cpi(), 4), (laja(), 4)]),
            tuning,
            ..RabbitSettings::new(Sensitive::new(self.url.clone()), &prefix)
        }
    }

    /// A queue that is up.
    pub async fn open(&self, tuning: Tuning) -> Arc<Rabbit> {
        let rabbit = Arc::new(Rabbit::open(self.settings(tuning)).unwrap());
        until_up(&*rabbit).await;
        rabbit
    }

    /// The same broker, reached by another port.
    pub fn by_port(&self, port: u16) -> Self {
        let (before, host) = self.url.rsplit_once('@').unwrap();
        let (_, path) = host.split_once('/').unwrap();
        Self { url: format!("{before}@127.0.0.1:{port}/{path}"), ca_pem: self.ca_pem.clone() }
    }

    pub fn port(&self) -> u16 {
        let (_, host) = self.url.rsplit_once('@').unwrap();
        host.split_once('/').unwrap().0.rsplit_once(':').unwrap().1.parse().unwrap()
    }
}

/// A parcel with nothing personal in it and a body that stands for a ciphertext.
pub fn parcel(to: AgencyCode) -> Parcel {
    Parcel {
        delivery: DeliveryId::new(Uuid::new_v4()),
        to,
        message: MessageKind::Request,
        case: CaseId::new(Uuid::new_v4()),
        attempts: Some(3),
        object: ObjectId::new(Uuid::new_v4()),
        key: KeyId::new(Uuid::new_v4()),
        schema: "referral.request/v1".to_owned(),
        sealed: Uuid::new_v4().as_bytes().repeat(40).into(),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

pub async fn take(queue: &dyn Queue, agency: &AgencyCode) -> Taken {
    timeout(LONG, queue.take(agency)).await.expect("nothing came").expect("closed")
}

pub async fn until_up(queue: &dyn Queue) {
    until("the queue is up", || queue.state() == QueueState::Up).await;
}

/// Looks again and again until it holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    let waiting = async {
        while !holds() {
            looks.tick().await;
        }
    };
    timeout(LONG, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Publishes until it is confirmed, as the relay does; how often it was not.
pub async fn publish_until_confirmed(queue: &dyn Queue, parcel: &Parcel) -> u32 {
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    let trying = async {
        let mut failed = 0;
        while queue.publish(parcel.clone()).await.is_err() {
            failed += 1;
            looks.tick().await;
        }
        failed
    };
    timeout(LONG, trying).await.expect("never confirmed")
}

impl Broker {
    /// A plain connection of the test's own, to meddle with.
    pub async fn behind(&self) -> (lapin::Connection, lapin::Channel) {
        let tls = lapin::tcp::OwnedTLSConfig { identity: None, cert_chain: self.ca_pem.clone() };
        let (options, runtime) = (lapin::ConnectionProperties::default(), lapin::runtime::default_runtime());
        let connecting = lapin::Connection::connect_with_config(&self.url, options, tls, runtime.unwrap());
        let connection = connecting.await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }
}
