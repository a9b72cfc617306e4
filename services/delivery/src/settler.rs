//! Attempts that a dead worker left: each ends in an entry once its lease is over. Agencies side by side, so
//! that one that does not say what became of its messages keeps nobody else's waiting. It knows no retry.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use casework::{AgencyCode, Delivery};
use futures_util::future::join_all;
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};
use hub::Hub;
use tokio::task::JoinSet;

use crate::Stop;

type ByAgency = BTreeMap<AgencyCode, Vec<Delivery>>;

pub async fn run(hub: Arc<Hub>, every: Duration, mut stop: Stop) {
    let (mut at_work, mut busy) = (JoinSet::new(), BTreeSet::new());
    while stop.pause(every, None).await {
        while let Some(Ok(agency)) = at_work.try_join_next() {
            busy.remove(&agency);
        }
        match hub.store.abandoned(&busy).await {
            Ok(left) => begin(&hub, left, &mut at_work, &mut busy),
            Err(error) => tracing::error!(%error, "attempts that were left could not be looked for"),
        }
    }
    while at_work.join_next().await.is_some() {}
}

fn begin(
    hub: &Arc<Hub>,
    left: Vec<Delivery>,
    at_work: &mut JoinSet<AgencyCode>,
    busy: &mut BTreeSet<AgencyCode>,
) {
    for (agency, left) in by_agency(left) {
        busy.insert(agency.clone());
        let hub = Arc::clone(hub);
        at_work.spawn(async move {
            // Whatever happens, its agency is looked at again.
            if AssertUnwindSafe(settle_of(&hub, &agency, left)).catch_unwind().await.is_err() {
                tracing::error!(%agency, "settling an attempt panicked; it comes again");
            }
            agency
        });
    }
}

/// Settles attempts whose worker is gone; one that cannot be settled now comes again when its lease is looked
/// at.
pub async fn settle(hub: &Hub, left: Vec<Delivery>) {
    let all = by_agency(left);
    join_all(all.into_iter().map(|(agency, left)| async move { settle_of(hub, &agency, left).await })).await;
}

/// As many at once as the agency may be called.
async fn settle_of(hub: &Hub, agency: &AgencyCode, left: Vec<Delivery>) {
    let at_once = hub.adapters.agency(agency).map_or(1, |agency| agency.concurrency.max(1));
    let at_once = usize::try_from(at_once).unwrap_or(1);
    stream::iter(left)
        .for_each_concurrent(at_once, |lost| async move {
            if let Err(error) = hub.settle_abandoned(&lost).await {
                let problem = error.slug();
                tracing::error!(delivery = %lost.id, problem, "an attempt could not be settled");
            }
        })
        .await;
}

fn by_agency(left: Vec<Delivery>) -> ByAgency {
    let mut all = ByAgency::new();
    for lost in left {
        all.entry(lost.to.clone()).or_default().push(lost);
    }
    all
}
