//! Feeds that went quiet, and the child that has waited longest: looked at every minute along the ledger,
//! shown as gauges, so that an operator hears of it before the agency at the other end does.

use std::collections::BTreeMap;

use casework::{AgencyCode, Caller, Categories, Condition, IncidentTurn, Metric, TimeSource, Timestamp};
use metrics::gauge;
use policies::Act;
use serde::Serialize;
use store::{Feed, Feeds};

use crate::permits::ask;
use crate::{Hub, HubError};

pub(crate) const SILENT: Metric = Metric::gauge(
    "amaan_feed_silent",
    &["agency"],
    "1 while an agency has sent nothing for longer than 99 of 100 of its own gaps of 28 days, or, with fewer \
     than 20 messages, than its `agency.toml` says.",
);
pub(crate) const LAST: Metric = Metric::gauge(
    "amaan_feed_last_seconds",
    &["agency"],
    "Seconds of case time since an agency last sent a message; 0 where it never did.",
);
pub(crate) const UNANSWERED: Metric = Metric::gauge(
    "amaan_oldest_unanswered_seconds",
    &["agency"],
    "Seconds of case time for which a child has waited longest for an agency to accept or reject; 0 where \
     none waits.",
);

/// One agency's feed, as a person is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedView {
    /// Whose.
    pub agency: AgencyCode,
    /// When it last sent something, RFC 3339; nothing where it never did.
    pub last: Option<String>,
    /// For how long it has been silent, in minutes.
    pub silent_minutes: Option<u64>,
    /// How long it may be.
    pub bound_minutes: Option<u64>,
    /// Is the bound of its own making, or configured?
    pub bound: &'static str,
    /// Is it silent?
    pub silent: bool,
}

impl Hub {
    /// Follows the ledger and sets the gauges; the agencies that are silent.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn follow_feeds(&self) -> Result<Vec<FeedView>, HubError> {
        let all = self.adapters.agencies();
        let configured = all.map(|agency| (agency.code.clone(), agency.silent_after_minutes)).collect();
        let feeds = self.store.follow_feeds(configured).await?;
        let views = self.views_of(&feeds);
        for view in &views {
            show_feed(view);
            // Noted once when it begins, and once when it is over.
            let turn = if view.silent { IncidentTurn::Open } else { IncidentTurn::Recover };
            self.incident(Condition::FeedSilent, &view.agency, None, turn).await;
        }
        let oldest = self.store.oldest_unanswered().await?;
        for agency in self.adapters.agencies() {
            let micros = oldest.get(&agency.code).copied().unwrap_or(0);
            gauge!(UNANSWERED.name, "agency" => agency.code.to_string()).set(seconds(micros));
        }
        Ok(views.into_iter().filter(|view| view.silent).collect())
    }

    /// The same for an analyst. The look is entered first.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an analyst.
    pub async fn read_feeds(&self, caller: &Caller) -> Result<Vec<FeedView>, HubError> {
        let permit = self.permit(&ask(caller, Act::ReadIndicator, None))?;
        let what = Some("feeds".to_owned());
        self.enter_read(caller, Some(permit), "indicator", what, Categories::new()).await?;
        self.follow_feeds().await?;
        self.show_feeds().await
    }

    /// How fresh each agency's feed is, as last followed.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn show_feeds(&self) -> Result<Vec<FeedView>, HubError> {
        Ok(self.views_of(&self.store.feeds().await?))
    }

    /// Of every agency that is connected, whether it ever sent anything or not.
    fn views_of(&self, feeds: &Feeds) -> Vec<FeedView> {
        let now = self.store.now();
        let connected = self.adapters.agencies().map(|agency| (agency.code.clone(), None));
        let mut all: BTreeMap<AgencyCode, Option<&Feed>> = connected.collect();
        for (agency, feed) in &mut all {
            *feed = feeds.agencies.get(agency);
        }
        all.into_iter().map(|(agency, feed)| view(agency, feed, now)).collect()
    }
}

fn show_feed(view: &FeedView) {
    let agency = view.agency.to_string();
    gauge!(SILENT.name, "agency" => agency.clone()).set(f64::from(u8::from(view.silent)));
    let minutes = f64::from(u32::try_from(view.silent_minutes.unwrap_or(0)).unwrap_or(u32::MAX));
    gauge!(LAST.name, "agency" => agency).set(minutes * 60.0);
}

fn view(agency: AgencyCode, feed: Option<&Feed>, now: Timestamp) -> FeedView {
    let own = feed.is_some_and(|feed| feed.messages(now) >= store::MESSAGES_MIN);
    FeedView {
        agency,
        last: feed.map(|feed| feed.last.to_string()),
        silent_minutes: feed.map(|feed| feed.silent_minutes(now)),
        bound_minutes: feed.map(|feed| feed.bound_minutes(now)),
        bound: if own { "its own gaps" } else { "configured" },
        silent: feed.is_some_and(|feed| feed.is_silent(now)),
    }
}

fn seconds(micros: i64) -> f64 {
    std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}
