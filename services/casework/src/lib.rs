//! The domain, pure: cases, referrals, deliveries, identity checks, owners and clocks, the typed ids they
//! carry, and the bytes of a ledger leaf. Also the plain types every crate shares (`Rules`, `Permit`,
//! `Facts`, `Now`, `Sensitive`).
//!
//! It does no I/O, reads no clock and draws no randomness: `decide` turns a command into events or a
//! refusal, `apply` turns events into state, and both are functions of their arguments alone. It knows
//! nothing of JSON Schema, policies, storage, queues or HTTP.

mod access;
mod case;
mod category;
mod clock;
mod code;
mod command;
mod consent;
mod counted;
mod coverage;
mod decide;
mod delivery;
mod discard;
mod document;
mod entry;
mod event;
mod evidence;
mod identity_check;
mod ids;
mod in_line;
mod in_order;
mod intent;
mod ladder;
mod last_try;
mod mapped;
mod message;
mod metric;
mod notice;
mod overdue;
mod reference;
mod referral;
mod refusal;
mod register;
mod request;
mod retention;
mod rules;
mod sensitive;
mod session;
mod state;
mod text;
mod time;
mod withdraw;

pub use access::{Caller, Digest, Permit, Via};
pub use case::Case;
pub use category::{Categories, Category, UnknownCategory, Way, Ways};
pub use clock::{Clock, ClockChange, ClockKind, wakes};
pub use code::{AgencyCode, BadCode, Code};
pub use command::{Action, Answer, Command, More, NewDelivery, Recipient, Submit, Terms, Told};
pub use consent::{Revoke, RevokeOne};
pub use counted::Counted;
pub use coverage::{Answered, Coverage, NotAnswered};
pub use decide::{advance, apply, decide, moves, touches};
pub use delivery::{
    Attempt, Delivery, DeliveryMoved, DeliveryStatus, DeliveryStep, Outcome, Replay, Resolution, Resolve,
};
pub use document::{Document, Json};
pub use entry::{Assurance, Commitment, Entry, LEAF_BYTES_MAX, LeafError};
pub use event::{
    ASKED_ROLES_MAX, Created, Event, Moved, PolicyAsked, ReadEntry, RefusedEntry, Requested, Rerouted,
};
pub use evidence::{Acknowledged, acknowledged, evidence};
pub use identity_check::{
    AnswerIdentity, AskIdentity, CheckStatus, IdentityCheck, IdentityMoved, IdentityResult,
};
pub use ids::{
    ApprovalId, BadId, CaseId, CheckId, DeliveryId, FactId, KeyId, ObjectId, Pseudonym, ReferralId, RequestId,
};
pub use in_line::waits_for;
pub use intent::{Intent, rung_for};
pub use ladder::{Effect, Rung, Whom};
pub use mapped::Mapped;
pub use message::{MessageKind, UnknownMessage};
pub use metric::{Metric, MetricKind};
pub use notice::{Notice, Noticed};
pub use overdue::{Escalate, Overdue};
pub use reference::CaseReference;
pub use referral::{NextAction, Referral, Status, business_status, may_close, next_actions};
pub use refusal::Refusal;
pub use register::{
    AcknowledgeErasure, Approval, ApprovalStatus, AskApproval, BadRegisterKey, BeginEpoch, BreakGlass,
    CaseAgency, Change, Condition, EntryRange, Erasure, ErasureCopy, ErasureStatus, ErasureTurn, GlassKey,
    GlassStatus, Hold, Incident, IncidentKey, IncidentStatus, IncidentTurn, LedgerEpoch, MoveErasure,
    NoteIncident, NoteKeyTurn, NoteSchedule, OpenGlass, Person, PolicySet, ROWS_NAMED_MAX, Register,
    RegisterKey, Replayed, RetentionSchedule, ReviewGlass, Role, SeenCheckpoint, SetPerson, SetSwitch,
    SettleApproval, Settlement, Standing, SuspectLedger, Suspension, Suspicion, Switch, TellDue, Verdict,
};
pub use request::{RequestStatus, request_status};
pub use retention::{Keeping, KeptCase, KeptFor, KeptFrom, KeptRow, KeptUntil};
pub use rules::{Calendar, ClockRow, Lives, Priority, Rules};
pub use sensitive::Sensitive;
pub use session::{SessionMoved, SessionTurn};
pub use state::{State, Touched};
pub use time::{Now, TimeSource, Timestamp};
pub use withdraw::{Withdraw, may_withdraw, proves_not_taken};

/// Dimensions of the `statistics` block of one message: dimension name to code. No free text, no
/// identifiers; what is missing carries its reason as a code (`not-asked`, `refused`, `unknown`,
/// `not-shared`).
pub type Facts = std::collections::BTreeMap<String, String>;
