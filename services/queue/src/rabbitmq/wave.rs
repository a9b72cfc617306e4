//! One agency's way out: takes what waits, at most 256, publishes it all, waits for all confirms, and only
//! then begins anew. In waves, because the library hands a returned message to whichever confirm comes
//! next, not to its own: within a wave a return is found by the message's id, wherever it was put.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use casework::AgencyCode;
use futures_util::future::join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation, Connection};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::timeout;

use super::end::End;
use super::shared::{Shared, Side};
use super::{measure, topology};

/// Messages that may wait for their confirm at once, and as many again that wait for the next wave.
pub(super) const JOBS_MAX: usize = 256;

/// A message to publish, and who wants to know what became of it.
pub(super) struct Job {
    pub(super) route: String,
    pub(super) id: String,
    pub(super) properties: BasicProperties,
    pub(super) body: Arc<[u8]>,
    pub(super) answer: oneshot::Sender<Fate>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Acknowledged and not returned: the one that is "published".
    Kept,
    /// Acknowledged, but given back: no queue is bound.
    Returned,
    /// Not acknowledged: the queue is full.
    Refused,
    /// The broker takes nothing for now; this one may have got in.
    Paused,
    /// Nobody can say.
    Unknown,
}

pub(super) struct Lane {
    shared: Arc<Shared>,
    agency: Option<AgencyCode>,
    channel: Channel,
    declaring: Arc<Mutex<Channel>>,
    side: watch::Receiver<Side>,
}

impl Lane {
    pub(super) async fn open(
        shared: &Arc<Shared>,
        connection: &Connection,
        declaring: Arc<Mutex<Channel>>,
        agency: Option<AgencyCode>,
    ) -> Result<Self, End> {
        let channel = connection.create_channel().await?;
        if !failpoint::planted("confirms-not-asked-for") {
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            if !channel.status().confirm() {
                return Err(End::Silent("the broker does not confirm"));
            }
        }
        let side = shared.out.subscribe();
        Ok(Self { shared: Arc::clone(shared), agency, channel, declaring, side })
    }

    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) -> End {
        let mut page = Vec::with_capacity(JOBS_MAX);
        while jobs.recv_many(&mut page, JOBS_MAX).await > 0 {
            if let Err(end) = self.wave(&mut page, &mut jobs).await {
                return end;
            }
        }
        End::Stopped
    }

    async fn wave(&mut self, page: &mut Vec<Job>, jobs: &mut mpsc::Receiver<Job>) -> Result<(), End> {
        let mut fates = self.confirmed(page, jobs).await?;
        if fates.contains(&Fate::Returned) {
            fates = self.again(page, fates, jobs).await?;
        }
        for (job, fate) in page.drain(..).zip(&fates) {
            _ = job.answer.send(*fate);
        }
        if fates.contains(&Fate::Unknown) { Err(End::Silent("a channel was lost")) } else { Ok(()) }
    }

    /// Something is not bound any more: declares it once again and tries once again.
    async fn again(
        &mut self,
        page: &mut Vec<Job>,
        first: Vec<Fate>,
        jobs: &mut mpsc::Receiver<Job>,
    ) -> Result<Vec<Fate>, End> {
        let Some(agency) = self.agency.clone() else { return Ok(first) };
        let returned = first.iter().filter(|fate| **fate == Fate::Returned).count();
        measure::returned(&agency, returned);
        tracing::warn!(%agency, "the broker returned a parcel; declaring its queue again");
        let names = &self.shared.names;
        let one = std::slice::from_ref(&agency);
        let declaring = self.declaring.lock().await;
        let declared = topology::declare(&declaring, names, one, &self.shared.tuning);
        match timeout(self.shared.tuning.answer_within, declared).await {
            Ok(declared) => declared?,
            Err(_) => return Err(End::Silent("a queue was not declared again within the time")),
        }
        drop(declaring);
        let (returned, done): (Vec<_>, Vec<_>) =
            page.drain(..).zip(first).partition(|(_, fate)| *fate == Fate::Returned);
        let (mut retried, _): (Vec<Job>, Vec<Fate>) = returned.into_iter().unzip();
        let second = self.confirmed(&mut retried, jobs).await?;
        if second.contains(&Fate::Returned) {
            tracing::error!(alarm = "unroutable", %agency, "nothing is bound for an agency at the broker");
        }
        let (finished, mut fates): (Vec<Job>, Vec<Fate>) = done.into_iter().unzip();
        page.extend(finished);
        page.extend(retried);
        fates.extend(second);
        Ok(fates)
    }

    /// Publishes and waits for every confirm; a page is empty afterwards if the broker stopped taking.
    async fn confirmed(
        &mut self,
        page: &mut Vec<Job>,
        jobs: &mut mpsc::Receiver<Job>,
    ) -> Result<Vec<Fate>, End> {
        let (answers, sent): (Vec<_>, Vec<_>) = page.drain(..).map(Job::split).unzip();
        let mut answers = Some(answers);
        let exchange = self.shared.names.exchange();
        let mut all =
            Box::pin(join_all(sent.iter().map(|message| publish(&self.channel, &exchange, message))));
        let late = late(self.side.clone(), self.shared.tuning.confirm_within);
        tokio::pin!(late);
        let results = loop {
            let is_waited_for = answers.is_some();
            tokio::select! {
                results = &mut all => break results,
                () = stands(&mut self.side, |side| side == Side::Blocked), if is_waited_for => {
                    answers.take().into_iter().flatten().for_each(|answer| _ = answer.send(Fate::Paused));
                }
                job = jobs.recv(), if !is_waited_for => match job {
                    Some(job) => _ = job.answer.send(Fate::Paused),
                    None => return Err(End::Stopped),
                },
                () = &mut late => {
                    return Err(End::Silent("a confirm did not come within the time"));
                }
            }
        };
        drop(all);
        let fates = fates(&sent, results);
        let answers = answers.into_iter().flatten();
        page.extend(sent.into_iter().zip(answers).map(|(message, answer)| message.with(answer)));
        Ok(fates)
    }
}

/// A message without its asker.
struct Message {
    route: String,
    id: String,
    properties: BasicProperties,
    body: Arc<[u8]>,
}

impl Job {
    fn split(self) -> (oneshot::Sender<Fate>, Message) {
        let Self { route, id, properties, body, answer } = self;
        (answer, Message { route, id, properties, body })
    }
}

impl Message {
    fn with(self, answer: oneshot::Sender<Fate>) -> Job {
        let Self { route, id, properties, body } = self;
        Job { route, id, properties, body, answer }
    }
}

async fn publish(channel: &Channel, exchange: &str, message: &Message) -> lapin::Result<Confirmation> {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let route = message.route.as_str().into();
    let properties = message.properties.clone();
    channel.basic_publish(exchange.into(), route, options, &message.body, properties).await?.await
}

/// A wave's fates: an acknowledgement counts only for a message that no confirm of the wave gave back.
fn fates(sent: &[Message], results: Vec<lapin::Result<Confirmation>>) -> Vec<Fate> {
    let mut returned = BTreeSet::new();
    let mut nameless = false;
    for result in &results {
        if let Ok(Confirmation::Ack(Some(back)) | Confirmation::Nack(Some(back))) = result {
            match back.properties.message_id() {
                Some(id) => _ = returned.insert(id.as_str().to_owned()),
                None => nameless = true,
            }
        }
    }
    let fate = |(message, result): (&Message, lapin::Result<Confirmation>)| match result {
        _ if (nameless || returned.contains(&message.id)) && !failpoint::planted("returned-as-published") => {
            Fate::Returned
        }
        Ok(Confirmation::Ack(_)) => Fate::Kept,
        Ok(Confirmation::Nack(_)) if failpoint::planted("nack-as-published") => Fate::Kept,
        Ok(Confirmation::Nack(_)) => Fate::Refused,
        Ok(Confirmation::NotRequested) if failpoint::planted("confirms-not-asked-for") => Fate::Kept,
        Ok(Confirmation::NotRequested) | Err(_) => Fate::Unknown,
    };
    sent.iter().zip(results).map(fate).collect()
}

async fn stands(side: &mut watch::Receiver<Side>, wanted: impl Fn(Side) -> bool) {
    if side.wait_for(|side| wanted(*side)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Comes when the broker has been taking messages for so long without a confirm.
async fn late(mut side: watch::Receiver<Side>, within: Duration) {
    loop {
        stands(&mut side, |side| side == Side::Up).await;
        if timeout(within, stands(&mut side, |side| side != Side::Up)).await.is_err() {
            return;
        }
    }
}
