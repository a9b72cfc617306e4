//! The hub's use cases, one file each, each a story that reads from top to bottom. Here ids are drawn,
//! permits asked, bodies sealed, orders committed. Every door (API, web desk, adapters, delivery) comes
//! through here.
//!
//! It knows no HTTP and no SQL. Rules are `casework`'s, storage `store`'s, transports `adapters`'.

mod acknowledge_delivery;
mod agency_call;
mod answer_referral;
mod approvals;
mod ask_indicator;
mod at_hand;
mod audit_itself;
mod begin_epoch;
mod break_glass;
mod breaker;
mod change_policies;
mod check_identity;
mod clients;
mod copies;
mod count_conservation;
mod cut_down;
mod destroy_again;
mod discard_dead_letter;
mod erase_case;
mod error;
mod escalate_clock;
mod events;
pub mod evidence;
mod expire_unfetched;
mod feeds;
mod finish_erasure;
mod follow_retention;
mod fresh;
mod gauges;
mod hand_over;
mod honey;
mod in_line;
mod incidents;
mod keep_body;
mod ledger_suspect;
mod limits;
mod list_inbox;
mod list_retention;
mod look_through_glass;
mod manage_dead_letters;
pub mod measure;
mod note_look;
mod note_refusal;
mod past_decisions;
mod people;
mod permits;
mod places;
mod policy_sets;
mod preview_referral;
mod read_trail;
mod record_delivery;
mod registers;
mod replay_many;
mod retry;
mod revoke_consent;
mod search_directory;
mod send_draft;
mod sent;
mod sessions;
mod settle_abandoned;
mod show_case;
mod show_dead_letter;
mod show_erasure;
mod show_receipt;
mod show_referral;
mod show_request;
mod show_tile;
mod submit_referral;
mod switches;
mod take_answer;
pub mod trace_context;
mod turn_note_key;
mod turns;
mod unharmed;
mod void_referral;
mod webhooks;
mod who_acts;
mod who_saw;
mod withdraw_delivery;
mod witnesses;

use std::collections::BTreeMap;
use std::sync::Arc;

use adapters::{Link, Registry};
use casework::{AgencyCode, Pseudonym};
use policies::InForce;
use schemas::{Directory, Schemas};
use store::Store;
use tokio::sync::Notify;

pub use answer_referral::Answered;
pub use approvals::ApprovalView;
pub use at_hand::AtHand;
pub use audit_itself::{Audited, Auditor};
pub use break_glass::{GlassAsked, GlassList, GlassView, GlassWhy, SuspensionView};
pub use breaker::Breakers;
pub use change_policies::{AgreementView, ENDING_DAYS, OtherSet, PoliciesView};
pub use check_identity::CheckedIdentity;
pub use clients::{Client, Clients, Known};
pub use count_conservation::ConservationView;
pub use error::{Denied, HubError, Problem};
pub use events::{EVENT_TYPES, EventList, EventPage, EventType, News, TRIAL, Told, Waited, Watching};
pub use feeds::FeedView;
pub use finish_erasure::Finished;
pub use fresh::{Fresh, FreshLine, FreshLines};
pub use gauges::Gauges;
pub use hand_over::{Carried, HandedOver};
pub use in_line::InLine;
pub use incidents::IncidentView;
pub use keep_body::{Key, committed};
pub use ledger_suspect::SuspicionView;
pub use limits::{LimitSettings, Limited, Limits, Reached};
pub use list_retention::{DuePage, DueStatus, DueView, EnteredSchedule, ScheduleView};
pub use look_through_glass::CaseThroughGlass;
pub use manage_dead_letters::DeadLetter;
pub use note_refusal::RefusalCounter;
pub use people::{PersonSaid, PersonView};
pub use policy_sets::PolicySets;
pub use preview_referral::{Because, Becomes, Field, NO_WORD, Preview, Previewed};
pub use read_trail::{AuditLine, Trail, TrailFilter};
pub use registers::Registers;
pub use replay_many::{ReplayAsked, Replayed};
pub use retry::Retry;
pub use revoke_consent::{RevokedConsent, RevokedReferral};
pub use search_directory::{DirectoryCoverage, Found, FoundAgency};
pub use sent::Sent;
pub use sessions::{FRESH_SECONDS, NoSession, SessionRules, SignedIn};
pub use show_case::{CaseView, NoticeView};
pub use show_dead_letter::{ContactView, DeadLetterDetail};
pub use show_erasure::{Certificate, CopyView, ErasureView};
pub use show_receipt::ReceiptView;
pub use show_referral::{ActionsView, ClockView, DeliveryView, ReferralView};
pub use show_request::RequestView;
pub use submit_referral::{CaseNamed, Submitted, SubmittedReferral};
pub use switches::SwitchView;
pub use take_answer::Taken;
pub use turns::{Turns, places};
pub use webhooks::{Webhook, WebhookTried, WebhookView, Webhooks};
pub use who_saw::{DisclosureView, LookView, Reader, SeenPage};
pub use witnesses::{Asked, Witness, Witnesses};

/// Everything a use case needs. One per process.
pub struct Hub {
    /// The hub's name: part of every sealed body's associated data.
    pub name: String,
    /// Facts and keys.
    pub store: Arc<Store>,
    /// What a well-formed message is.
    pub schemas: Arc<Schemas>,
    /// Agencies, services, mandates.
    pub directory: Arc<Directory>,
    /// How many of an agency's messages are on their way, and called, at once.
    pub turns: Turns,
    /// Which agencies are left alone because they do not answer.
    pub breakers: Breakers,
    /// Who may do and see what.
    pub policies: Arc<InForce>,
    /// What is known of sets that are not in force.
    pub policy_sets: PolicySets,
    /// How each agency is spoken to.
    pub adapters: Arc<Registry>,
    /// Where each agency's system is.
    pub links: BTreeMap<AgencyCode, Link>,
    /// Whose client is whose.
    pub clients: Clients,
    /// How often and how long to try again.
    pub retry: Retry,
    /// Pseudonyms this process has seen.
    pub known: Known,
    /// Stands in the ledger for the hub's own acts.
    pub itself: Pseudonym,
    /// What is committed here and relayed here.
    pub fresh: FreshLines,
    /// What was committed here and will be handed over here.
    pub at_hand: AtHand,
    /// Rung when something may be due for delivery.
    pub bell: Arc<Notify>,
    /// Counts refusals, so that a flood of them is one entry a minute.
    pub refusals: RefusalCounter,
    /// Wakes those who listen for events.
    pub news: News,
    /// Where events are posted to.
    pub webhooks: Webhooks,
    /// Who watches over the ledger.
    pub witnesses: Witnesses,
    /// Who an agency's people are, what is switched off, what is wrong.
    pub registers: Registers,
    /// What waits for an earlier message of its referral.
    pub in_line: InLine,
    /// How fast and how much anyone may ask.
    pub limits: Limits,
    /// How many days a backup of the key database is kept: the second date of a certificate of erasure.
    pub key_backup_days: u64,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hub({})", self.name)
    }
}
