//! The hub's audit of itself, round after round, from soon after the start. A round takes as long as the
//! ledger is long, and after it is a rest in proportion: so what it costs is set, and how soon something is
//! found grows with the ledger.

use std::sync::Arc;
use std::time::Duration;

use hub::{Auditor, Hub};

use crate::Stop;

/// After a start, which has enough to do.
const FIRST: Duration = Duration::from_secs(5);
/// All of a processor's time, in percent.
const ALL: u32 = 100;

/// How often, and how much of the time.
#[derive(Debug, Clone, Copy)]
pub struct AuditPace {
    /// Rest between two rounds, at least.
    pub every: Duration,
    /// Share of the time that rounds may take, in percent.
    pub share_percent: u32,
}

impl Default for AuditPace {
    fn default() -> Self {
        Self { every: Duration::from_secs(30), share_percent: 2 }
    }
}

impl AuditPace {
    /// How long to rest after a round that took so long.
    fn rest(self, took: Duration) -> Duration {
        let share = self.share_percent.clamp(1, ALL);
        let rest = took.saturating_mul(ALL.saturating_sub(share)).checked_div(share).unwrap_or(took);
        rest.max(self.every)
    }
}

pub async fn run(hub: Arc<Hub>, pace: AuditPace, mut stop: Stop) {
    let (mut auditor, mut wait) = (Auditor::default(), FIRST.min(pace.every));
    while stop.pause(wait, None).await {
        wait = match hub.audit_itself(&mut auditor).await {
            Ok(audited) => pace.rest(audited.took),
            Err(error) => {
                tracing::warn!(problem = error.slug(), "the hub could not audit itself; tried again");
                pace.every
            }
        };
    }
}
