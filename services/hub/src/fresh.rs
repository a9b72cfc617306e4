//! From the commit straight to the relay of the same process: what was just committed needs not be read again
//! to be published. Nothing depends on it. What does not fit, or is lost with the process, stands in the
//! outbox, and the relay finds it there.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use casework::{AgencyCode, DeliveryId, Entry, MessageKind, Submit};
use store::SealedBody;
use tokio::sync::mpsc::{self, OwnedPermit};

use crate::{Hub, trace_context};

/// Messages of one agency that may wait for the relay.
const LINE_MAX: usize = 512;

/// A delivery that was just committed, with what its parcel is made from.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Which.
    pub delivery: DeliveryId,
    /// To whom.
    pub to: AgencyCode,
    /// What kind of message.
    pub message: MessageKind,
    /// Attempts made so far.
    pub attempts: u32,
    /// Its sealed body, shared by all recipients of a request.
    pub body: Arc<SealedBody>,
    /// W3C `traceparent` of the request.
    pub trace: Option<String>,
}

/// One agency's line, as the relay takes from it.
pub type FreshLine = (AgencyCode, mpsc::Receiver<Fresh>);

struct Line {
    enter: mpsc::Sender<Fresh>,
    /// Older messages wait in the outbox: nothing may overtake them, and emergencies are found there first.
    is_shut: AtomicBool,
}

type Lines = BTreeMap<AgencyCode, Line>;

/// The lines to this process's relay; none where another process relays.
#[derive(Default)]
pub struct FreshLines(OnceLock<(Lines, Box<dyn Fn() -> bool + Send + Sync>)>);

impl FreshLines {
    /// Opens a line for each of these agencies, once. `is_up`: does the queue take anything now?
    pub fn open(
        &self,
        agencies: impl IntoIterator<Item = AgencyCode>,
        is_up: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Vec<FreshLine> {
        let (mut lines, mut taken) = (Lines::new(), Vec::new());
        for agency in agencies {
            let (enter, leave) = mpsc::channel(LINE_MAX);
            lines.insert(agency.clone(), Line { enter, is_shut: AtomicBool::new(true) });
            taken.push((agency, leave));
        }
        match self.0.set((lines, Box::new(is_up))) {
            Ok(()) => taken,
            Err(_) => Vec::new(),
        }
    }

    /// Shuts an agency's line while messages to it wait in the outbox, and opens it when none do. Shut at
    /// first.
    pub fn shut(&self, agency: &AgencyCode, shut: bool) {
        if let Some(line) = self.0.get().and_then(|(lines, _)| lines.get(agency)) {
            line.is_shut.store(shut, Ordering::Relaxed);
        }
    }

    /// Places in the lines for what this request is going to make; what gets none goes by the outbox.
    pub(crate) fn reserve(&self, asked: &Submit) -> Places {
        let all = asked.recipients.len();
        let nothing = Places { all, kept: Vec::new() };
        let Some((lines, is_up)) = self.0.get() else { return nothing };
        if asked.held || asked.terms.draft || !is_up() || failpoint::planted("outbox-row-dropped") {
            return nothing;
        }
        let place = |recipient: &casework::Recipient| {
            let line = lines.get(&recipient.to).filter(|line| !line.is_shut.load(Ordering::Relaxed))?;
            let permit = line.enter.clone().try_reserve_owned().ok()?;
            Some((recipient.delivery, recipient.to.clone(), permit))
        };
        Places { all, kept: asked.recipients.iter().filter_map(place).collect() }
    }
}

/// Places that were kept; given back where nothing is committed.
pub(crate) struct Places {
    all: usize,
    kept: Vec<(DeliveryId, AgencyCode, OwnedPermit<Fresh>)>,
}

impl Places {
    /// The deliveries that will be handed over here.
    pub(crate) fn deliveries(&self) -> Vec<DeliveryId> {
        self.kept.iter().map(|(delivery, _, _)| *delivery).collect()
    }
}

impl Hub {
    /// Hands to the relay what was just committed; for what had no place it is rung.
    pub(crate) fn hand_on(&self, places: Places, message: MessageKind, body: SealedBody, entries: &[Entry]) {
        self.at_hand.keep(places.deliveries(), entries);
        if places.kept.len() < places.all {
            self.bell.notify_one();
        }
        let (body, trace) = (Arc::new(body), trace_context::current());
        for (delivery, to, permit) in places.kept {
            let (body, trace) = (Arc::clone(&body), trace.clone());
            permit.send(Fresh { delivery, to, message, attempts: 0, body, trace });
        }
    }
}
