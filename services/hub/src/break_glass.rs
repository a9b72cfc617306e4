//! Breaking the glass: a registered person who signed in just now looks into one case that the agency is no
//! party to, for an hour, reading only. Who answers for the case is told in the commit that opens it; each
//! look is an entry of its own; another person reviews it within three days, or the right is suspended.

use casework::{
    Action, AgencyCode, Caller, CaseId, CaseReference, Change, Code, Event, GlassKey, GlassStatus, ObjectId,
    OpenGlass, Pseudonym, Register, RegisterKey, ReviewGlass, Role, Suspension, TimeSource, Verdict,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Idempotency, Lane, Order};
use uuid::Uuid;

use crate::approvals::by;
use crate::check_identity::role_of;
use crate::error::not_found;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{ApprovalView, CaseNamed, Hub, HubError, Key, Problem};

/// Why, coded.
const REASONS: &str = "break_glass_reasons.csv";
/// Why, in words: the bound.
const WHY_CHARS_MIN: usize = 20;
const WHY_CHARS_MAX: usize = 2_000;
/// The schema word of those words in their associated data.
const WHY_SCHEMA: &str = "break-glass.why/v1";
/// A sign-in is fresh for so long (RFC 9470 `max_age`): the bound.
const FRESH_SECONDS: i64 = 300;
/// How far the issuer's clock may be ahead.
const SKEW_SECONDS: i64 = 10;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct GlassAsked {
    /// Which case.
    pub case: CaseId,
    /// Why, coded.
    pub reason: Code,
    /// Why, in words.
    pub why: String,
    /// When the person signed in, in seconds since 1970; none where nobody says.
    pub signed_in: Option<i64>,
}

/// A broken glass.
#[derive(Debug, Clone, Serialize)]
pub struct GlassView {
    /// Its id.
    pub id: String,
    /// The case.
    pub case: CaseNamed,
    /// Whose person looks.
    pub agency: AgencyCode,
    /// Who, as the ledger names it.
    pub person: Pseudonym,
    /// In what role.
    pub role: Code,
    /// Why, coded.
    pub reason: Code,
    /// Who was responsible for the case then.
    pub owner: AgencyCode,
    /// `open`, `reviewed`, `unreviewed`.
    pub status: GlassStatus,
    /// Since when, RFC 3339.
    pub opened: String,
    /// Until when the case can be read, RFC 3339.
    pub until: String,
    /// Until when another person has to have looked at it, RFC 3339.
    pub review_by: String,
    /// How often a second person gave another hour.
    pub renewed: u32,
    /// Who looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<Pseudonym>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What this caller may try: `read`, `renew`, `review`.
    pub actions: Vec<&'static str>,
}

/// Somebody who may break no glass for now.
#[derive(Debug, Clone, Serialize)]
pub struct SuspensionView {
    /// Who, as the ledger names it.
    pub person: Pseudonym,
    /// Whose person.
    pub agency: AgencyCode,
    /// The case whose look nobody reviewed.
    pub case: CaseId,
    /// Since when, RFC 3339.
    pub since: String,
}

/// What the caller's agency may know of: its own people's looks, and those into cases it answers for.
#[derive(Debug, Clone, Serialize)]
pub struct GlassList {
    /// Looks.
    pub data: Vec<GlassView>,
    /// The agency's people whose right is suspended.
    pub suspended: Vec<SuspensionView>,
}

/// A look with its reason in words.
#[derive(Debug, Clone, Serialize)]
pub struct GlassWhy {
    /// The look.
    #[serde(flatten)]
    pub glass: GlassView,
    /// Why, in the asker's words.
    pub why: String,
}

impl Hub {
    /// Breaks the glass.
    ///
    /// # Errors
    /// `not-permitted`, `step-up-required`, `unknown-code`, `validation-failed`, `needs-another-person`,
    /// `right-suspended`: all of them before the case is looked at; `not-found` where there is none, or the
    /// agency is a party to it.
    pub async fn break_glass(
        &self,
        caller: &Caller,
        asked: &GlassAsked,
        key: &Key,
    ) -> Result<GlassView, HubError> {
        let permit = self.permit(&ask(caller, Act::BreakGlass, None))?;
        self.may_disclose().await?;
        self.signed_in_just_now(asked.signed_in)?;
        self.known_code(REASONS, &asked.reason)?;
        long_enough(&asked.why)?;
        let said = format!("{} {} {}", asked.case, asked.reason, asked.why);
        let once = idempotency(caller, key, "POST /v1/break-glass", said.as_bytes());
        if let Some(view) = self.glass_before(caller, &once).await? {
            return Ok(view);
        }
        let object = ObjectId::new(Uuid::now_v7());
        let kept = self.keep_as(asked.case, object, WHY_SCHEMA, asked.why.as_bytes()).await?;
        let opened = OpenGlass {
            key: GlassKey { case: asked.case, person: caller.actor },
            agency: caller.agency.clone(),
            role: role_of(caller),
            reason: asked.reason.clone(),
            object,
        };
        let mut order = Order::plain(by(caller, Some(permit), Action::OpenGlass(opened)), Lane::Intake);
        order.idempotency = Some(once);
        order.command.commitment = Some(kept.commitment.clone());
        (order.body, order.case_key) = (Some(kept.body.clone()), kept.case_key);
        let committed = self.commit_kept(order, &kept).await?;
        if !matches!(committed, Committed::Done(_)) {
            kept.give_up(self);
        }
        tracing::warn!(agency = %caller.agency, case = %asked.case, "glass was broken, or somebody tried");
        self.glass_of(caller, committed).await
    }

    /// Another person has looked at it.
    ///
    /// # Errors
    /// `not-permitted`; `needs-another-person`; `already-reviewed`; `not-found` where neither the look nor
    /// the case is the agency's.
    pub async fn review_glass(
        &self,
        caller: &Caller,
        id: GlassKey,
        verdict: Verdict,
        key: &Key,
    ) -> Result<GlassView, HubError> {
        let permit = self.permit(&ask(caller, Act::ReviewGlass, None))?;
        let once = idempotency(
            caller,
            key,
            &format!("POST /v1/break-glass/{id}/review"),
            &[u8::from(justified(verdict))],
        );
        let asked = ReviewGlass { key: id, person: caller.actor, agency: caller.agency.clone(), verdict };
        let mut order = Order::plain(by(caller, Some(permit), Action::ReviewGlass(asked)), Lane::Outcomes);
        order.idempotency = Some(once);
        let committed = self.store.commit(order).await?;
        self.glass_of(caller, committed).await
    }

    /// Looks that the caller's agency may know of, those that wait for a review first, and its people whose
    /// right is suspended.
    ///
    /// # Errors
    /// `not-permitted` for whoever may neither break a glass nor review it; where the store fails.
    pub async fn list_glass(&self, caller: &Caller) -> Result<GlassList, HubError> {
        let reviews = self.permit(&ask(caller, Act::ReviewGlass, None));
        reviews.or_else(|_| self.permit(&ask(caller, Act::BreakGlass, None)))?;
        let rows = self.store.glass_known_to(caller.agency.clone()).await?;
        let looks = rows.into_iter().filter_map(glass);
        let known = |held: &casework::BreakGlass| [&held.agency, &held.owner].contains(&&caller.agency);
        let data = looks.filter(known).map(|held| self.glass_view(caller, held)).collect();
        let rows = self.store.open_registers_of("suspension", caller.agency.clone()).await?;
        let suspended = rows.into_iter().filter_map(suspension);
        Ok(GlassList { data, suspended: suspended.map(suspended_view).collect() })
    }

    /// One look and why, in the asker's words: for those who may review it, and for the asker. The look at
    /// these words is entered first.
    ///
    /// # Errors
    /// `not-found` where neither the look nor the case is the agency's; `not-permitted`.
    pub async fn show_glass(&self, caller: &Caller, id: GlassKey) -> Result<GlassWhy, HubError> {
        let held = self.known_glass(caller, id).await?;
        let permit = match held.person == caller.actor {
            true => self.permit(&ask(caller, Act::BreakGlass, None))?,
            false => self.permit(&ask(caller, Act::ReviewGlass, None))?,
        };
        self.spend_read(caller, &id.case.to_string()).await?;
        let subject = Some(id.case.to_string());
        let shown = [casework::Category::Narrative].into();
        self.enter_read(caller, Some(permit), "break-glass-why", subject, shown).await?;
        let opened = self.open_stored(held.object).await?;
        let why = String::from_utf8_lossy(opened.bytes.expose()).into_owned();
        Ok(GlassWhy { glass: self.glass_view(caller, held), why })
    }

    /// Asks a second person for another hour.
    ///
    /// # Errors
    /// `not-found` where it is not the caller's own look.
    pub async fn ask_renewal(
        &self,
        caller: &Caller,
        id: GlassKey,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let permit = self.permit(&ask(caller, Act::BreakGlass, None))?;
        if id.person != caller.actor {
            return Err(not_found());
        }
        let change = Change::RenewBreakGlass { case: id.case, person: id.person };
        let once = idempotency(caller, key, &format!("POST /v1/break-glass/{id}/renew"), &[]);
        match self.approval_before(caller, &once).await? {
            Some(asked) => Ok(asked),
            None => self.ask_approval(caller, change, permit, once, None).await,
        }
    }

    /// Asks a second person to give somebody of the caller's agency the right back.
    ///
    /// # Errors
    /// `not-found` where nobody's right is suspended there; `not-permitted`.
    pub async fn ask_lifting(
        &self,
        caller: &Caller,
        person: Pseudonym,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let permit = self.permit(&ask(caller, Act::ReviewGlass, None))?;
        let change = Change::LiftSuspension { person };
        let route = format!("POST /v1/break-glass/suspensions/{person}/lift");
        let once = idempotency(caller, key, &route, &[]);
        match self.approval_before(caller, &once).await? {
            Some(asked) => Ok(asked),
            None => self.ask_approval(caller, change, permit, once, None).await,
        }
    }

    /// The look that the caller's agency may know of.
    async fn known_glass(&self, caller: &Caller, id: GlassKey) -> Result<casework::BreakGlass, HubError> {
        let held = self.store.register(&RegisterKey::BreakGlass(id)).await?.and_then(glass);
        let known = |held: &casework::BreakGlass| [&held.agency, &held.owner].contains(&&caller.agency);
        held.filter(known).ok_or_else(not_found)
    }

    /// Somebody who has just proven to be who they are; `at` in seconds since 1970, as the token says it.
    pub(crate) fn signed_in_just_now(&self, at: Option<i64>) -> Result<(), HubError> {
        let now = self.store.clock().real().micros() / 1_000_000;
        let age = at.map(|at| now.saturating_sub(at));
        if age.is_some_and(|age| (-SKEW_SECONDS..=FRESH_SECONDS).contains(&age)) {
            return Ok(());
        }
        let detail = "this takes a person who signed in within the last five minutes";
        Err(Problem::new("step-up-required", detail).into())
    }

    async fn glass_before(&self, caller: &Caller, once: &Idempotency) -> Result<Option<GlassView>, HubError> {
        let Some((index, _)) = self.seen_before(once).await? else { return Ok(None) };
        let entry = self.store.entry(index).await?;
        let held = entry.and_then(written).ok_or_else(not_found)?;
        Ok(Some(self.glass_view(caller, held)))
    }

    async fn glass_of(&self, caller: &Caller, committed: Committed) -> Result<GlassView, HubError> {
        let entry = match committed {
            Committed::Done(done) => done.entries.into_iter().next(),
            Committed::Replayed { index, .. } => self.store.entry(index).await?,
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) => return Err(refusal.into()),
        };
        Ok(self.glass_view(caller, entry.and_then(written).ok_or_else(not_found)?))
    }

    pub(crate) fn glass_view(&self, caller: &Caller, held: casework::BreakGlass) -> GlassView {
        let (own, now) = (held.person == caller.actor, TimeSource::now(&*self.store));
        let reviews =
            [Role::PrivacyOfficer, Role::Supervisor].iter().any(|role| caller.has_role(role.as_str()));
        let mut actions = Vec::new();
        actions.extend((own && held.shows(now)).then_some("read"));
        actions.extend((own && held.status == GlassStatus::Open).then_some("renew"));
        actions.extend((!own && reviews && held.status != GlassStatus::Reviewed).then_some("review"));
        GlassView {
            id: held.key().to_string(),
            case: CaseNamed { id: held.case, reference: CaseReference::of(held.case).to_string() },
            agency: held.agency,
            person: held.person,
            role: held.role,
            reason: held.reason,
            owner: held.owner,
            status: held.status,
            opened: held.opened.to_string(),
            until: held.until.to_string(),
            review_by: held.review_by.to_string(),
            renewed: held.renewed,
            reviewed_by: held.reviewed_by,
            verdict: held.verdict,
            actions,
        }
    }
}

const fn justified(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Justified)
}

fn long_enough(why: &str) -> Result<(), HubError> {
    let chars = why.trim().chars().count();
    if (WHY_CHARS_MIN..=WHY_CHARS_MAX).contains(&chars) {
        return Ok(());
    }
    let detail = format!("say why in {WHY_CHARS_MIN} to {WHY_CHARS_MAX} characters");
    Err(Problem::at("validation-failed", "/why".to_owned(), detail).into())
}

pub(crate) fn glass(row: Register) -> Option<casework::BreakGlass> {
    match row {
        Register::BreakGlass(held) => Some(held),
        _ => None,
    }
}

fn suspension(row: Register) -> Option<Suspension> {
    match row {
        Register::Suspension(held) => Some(held),
        _ => None,
    }
}

/// What an entry wrote, never what the row says by now.
fn written(entry: casework::Entry) -> Option<casework::BreakGlass> {
    match entry.event {
        Event::Register(row) => glass(row),
        _ => None,
    }
}

fn suspended_view(held: Suspension) -> SuspensionView {
    SuspensionView {
        person: held.person,
        agency: held.agency,
        case: held.case,
        since: held.since.to_string(),
    }
}
