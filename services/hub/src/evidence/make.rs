//! A party asks for the evidence of a referral. The look is entered before anything leaves, as for any look
//! at its message. Its sender gets its messages as it sent them, each side copies of what the other side sent
//! to it. Everything behind the first line is a function of what was committed and cosigned, and of what
//! policies let this side see now.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use casework::{
    AgencyCode, Caller, Categories, Delivery, Entry, Event, MessageKind, ObjectId, ReadEntry, Referral,
    ReferralId, Refusal, Sensitive, TimeSource, Timestamp,
};
use policies::Act;
use serde::Serialize;
use serde_json::json;
use store::{AuditEntry, Cosigned, StoreError};

use super::author::author;
use super::judge::SEAL_TYP;
use super::jws::Jws;
use super::keys::Jwk;
use super::lines::{
    AgencyKey, Base64Url, CopyLine, EntryLine, FORMAT, Header, Hex32, KeysLine, MessageLine, SealLine, Side,
};
use crate::cut_down::Sight;
use crate::error::not_found;
use crate::keep_body::Opened;
use crate::note_look::look;
use crate::permits::ask_about;
use crate::{Hub, HubError};

/// A referral that moves while it is looked at is looked at again, so often.
const LOOKS_MAX: usize = 3;
/// A history goes no further.
const HISTORY_MAX: usize = 2_000;
/// Messages in a bundle, together.
const MESSAGE_BYTES_MAX: usize = 6 * 1024 * 1024;
/// The entry of a request stands before those of its referrals, ten at most.
const RECIPIENTS_MAX: u64 = 10;

/// What a bundle is made of, and what it shows.
#[derive(Default)]
struct Gathered {
    entries: Vec<AuditEntry>,
    messages: Vec<Message>,
    bytes: usize,
    is_cut: bool,
    shown: Categories,
    reduced: Categories,
}

enum Message {
    Own(MessageLine),
    Copy(CopyLine),
}

/// A message that an entry is of.
struct Said<'a> {
    entry: Option<u64>,
    kind: MessageKind,
    object: ObjectId,
    by: &'a AgencyCode,
}

impl Hub {
    /// The evidence of a referral, as JSON lines.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party; the look is entered either way. `erased`.
    pub async fn evidence(&self, caller: &Caller, id: ReferralId) -> Result<Sensitive<Vec<u8>>, HubError> {
        for _ in 0..LOOKS_MAX {
            match self.evidence_now(caller, id).await {
                // It moved while it was looked at, and what was allowed may be no more.
                Err(HubError::Refused(Refusal::StalePermit)) => {}
                other => return other,
            }
        }
        Err(Refusal::StalePermit.into())
    }

    async fn evidence_now(&self, caller: &Caller, id: ReferralId) -> Result<Sensitive<Vec<u8>>, HubError> {
        let referral = match self.of_party(caller, id).await {
            Err(error @ HubError::Refused(Refusal::NotFound)) => {
                self.spend_read(caller, &id.to_string()).await?;
                self.enter_read(caller, None, "evidence", Some(id.to_string()), Categories::new()).await?;
                return Err(error);
            }
            other => other?,
        };
        let permit = self.permit(&ask_about(caller, Act::ReadReferral, &referral, MessageKind::Request))?;
        self.spend_read(caller, &referral.case.to_string()).await?;
        let gathered = self.gather(caller, &referral).await?;
        if !self.is_of_set_in_force(&permit) {
            return Err(Refusal::StalePermit.into());
        }
        let look = look(caller, "evidence", Some(id.to_string()), gathered.shown.clone());
        let look = ReadEntry { reduced: gathered.reduced.clone(), ..look };
        let (index, at) = self.entered_look(caller, Some(permit), look).await?;
        let header = self.header(caller, &referral, (index, at), !gathered.is_cut);
        self.bundle(header, gathered).await
    }

    fn header(&self, caller: &Caller, of: &Referral, look: (u64, Timestamp), whole: bool) -> Header {
        Header {
            evidence: FORMAT.to_owned(),
            hub: self.name.clone(),
            referral: of.id.to_string(),
            asked_by: caller.agency.to_string(),
            side: if of.from == caller.agency { Side::Sender } else { Side::Receiver },
            look: look.0,
            made: look.1.to_string(),
            whole,
        }
    }

    async fn gather(&self, caller: &Caller, referral: &Referral) -> Result<Gathered, HubError> {
        let history = self.store.history(referral.id).await?;
        let mut all = Gathered { is_cut: history.len() >= HISTORY_MAX, ..Gathered::default() };
        let is_sender = referral.from == caller.agency;
        if is_sender {
            all.entries.extend(self.request_of(referral, &history).await?);
        }
        all.entries.extend(history.into_iter().filter(|found| is_of_evidence(&found.entry.event)));
        let deliveries = self.store.deliveries_of(referral.id).await?;
        let entries = std::mem::take(&mut all.entries);
        // Once the consent has ended that it rests on, nothing is shown to the receiver, not even again.
        let may_see = is_sender || referral.consent_holds(self.store.now());
        for said in said(&entries, referral, is_sender).iter().filter(|_| may_see) {
            let carrier = deliveries.iter().find(|held| {
                held.object == said.object && held.message == said.kind && held.to == caller.agency
            });
            match carrier {
                _ if *said.by == caller.agency => self.own_message(said, &mut all).await?,
                Some(carrier) => self.copy_of(said, carrier, referral, &mut all).await?,
                None => {}
            }
        }
        all.entries = entries;
        Ok(all)
    }

    /// The entry of the request: it names all recipients' number and reroutes, so it is its sender's only.
    async fn request_of(
        &self,
        referral: &Referral,
        history: &[AuditEntry],
    ) -> Result<Option<AuditEntry>, HubError> {
        let first = history.first().ok_or_else(not_found)?.index;
        let from = first.saturating_sub(RECIPIENTS_MAX);
        let limit = u32::try_from(RECIPIENTS_MAX).unwrap_or(u32::MAX);
        let near = self.store.entries_from(from, limit).await?;
        let is_it = |found: &AuditEntry| match &found.entry.event {
            Event::Requested(request) => request.request == referral.request,
            _ => false,
        };
        Ok(near.into_iter().find(is_it))
    }

    /// What the caller's agency said itself, as it said it.
    async fn own_message(&self, said: &Said<'_>, all: &mut Gathered) -> Result<(), HubError> {
        let Some(entry) = said.entry else { return Ok(()) };
        let opened = self.open_stored(said.object).await?;
        if !all.has_room(opened.bytes.expose().len()) {
            return Ok(());
        }
        let message = self.schemas.reread(said.kind, opened.bytes.expose())?;
        all.shown.extend(message.categories.iter().cloned());
        all.messages.push(Message::Own(MessageLine {
            message: entry,
            agency: said.by.to_string(),
            opening: opening(&opened)?,
            signature: opened.signature.as_ref().map(|text| text.expose().clone()),
            body: Base64Url(opened.bytes.expose().clone()),
        }));
        Ok(())
    }

    /// What the other side said to it, as far as it may see that.
    async fn copy_of(
        &self,
        said: &Said<'_>,
        carrier: &Delivery,
        referral: &Referral,
        all: &mut Gathered,
    ) -> Result<(), HubError> {
        // What is not handed over now is not shown in another way either.
        if self.is_kept_from(&carrier.to, carrier.message).await? {
            return Ok(());
        }
        let opened = self.open_stored(said.object).await?;
        if !all.has_room(opened.bytes.expose().len()) {
            return Ok(());
        }
        let message = self.schemas.reread(said.kind, opened.bytes.expose())?;
        let cut = self.cut_down(&message, &Sight::of(carrier, referral))?;
        let (delivery, bytes) = (carrier.id.to_string(), cut.value.to_bytes());
        let copied = self.copied(carrier, &opened, &cut).ok_or_else(not_found)?;
        let signed = copied.attached(carrier.to.as_str(), &delivery, bytes.expose());
        all.shown.extend(cut.shown);
        all.reduced.extend(cut.reduced);
        all.messages.push(Message::Copy(CopyLine { copy: delivery, entry: said.entry, signed }));
        Ok(())
    }

    async fn bundle(&self, header: Header, all: Gathered) -> Result<Sensitive<Vec<u8>>, HubError> {
        let last = all.entries.last().ok_or_else(not_found)?.index;
        let tree = self.tree_with(last).await?;
        let key = self.store.keys().copy_key();
        let mut text = String::new();
        add(&mut text, &header)?;
        add(
            &mut text,
            &KeysLine {
                ledger_key: self.store.key().vkey(),
                witness_keys: self.witnesses_of(&tree),
                hub_key: Jwk::ed25519(key.name(), &key.public()),
                agency_keys: self.agency_keys(&all.messages),
            },
        )?;
        for found in &all.entries {
            add(&mut text, &self.entry_line(found.index, &tree).await?)?;
        }
        for message in &all.messages {
            match message {
                Message::Own(line) => add(&mut text, line)?,
                Message::Copy(line) => add(&mut text, line)?,
            }
        }
        let head = json!({
            "alg": "EdDSA", "kid": key.name(), "typ": SEAL_TYP, "iss": self.name, "aud": header.asked_by,
        });
        let head = URL_SAFE_NO_PAD.encode(head.to_string());
        let signature = key.sign(&format!("{head}.{}", URL_SAFE_NO_PAD.encode(&text)));
        add(&mut text, &SealLine { seal: format!("{head}..{}", URL_SAFE_NO_PAD.encode(signature)) })?;
        Ok(Sensitive::new(text.into_bytes()))
    }

    /// The first tree with this entry that witnesses cosigned; where there is none, the one it came in with.
    async fn tree_with(&self, index: u64) -> Result<Cosigned, HubError> {
        if let Some(mut cosigned) = self.store.cosigned_with(index).await? {
            let known = |name: &String| self.witnesses.all.iter().any(|witness| witness.key.name == *name);
            cosigned.lines.retain(|(name, _)| known(name));
            return Ok(cosigned);
        }
        let size = self.store.head_with(index).await?.ok_or_else(not_found)?;
        Ok(Cosigned { size, lines: Vec::new() })
    }

    fn witnesses_of(&self, tree: &Cosigned) -> Vec<String> {
        let cosigned = |name: &str| tree.lines.iter().any(|(witness, _)| witness == name);
        let named = self.witnesses.all.iter().filter(|witness| cosigned(&witness.key.name));
        named.map(|witness| witness.key.to_text()).collect()
    }

    async fn entry_line(&self, index: u64, tree: &Cosigned) -> Result<EntryLine, HubError> {
        let mut found = self.store.proof(index, tree.size).await?.ok_or_else(not_found)?;
        tree.lines.iter().for_each(|(_, line)| found.tlog_proof.push_str(line));
        Ok(EntryLine { entry: index, leaf: found.entry, proof: found.tlog_proof })
    }

    /// The keys that signatures in the bundle name, as far as they are registered still.
    fn agency_keys(&self, messages: &[Message]) -> Vec<AgencyKey> {
        let mut lines: Vec<AgencyKey> = Vec::new();
        for message in messages {
            let Message::Own(MessageLine { agency, signature: Some(text), .. }) = message else { continue };
            let kid = Jws::read(text).and_then(|jws| jws.says("kid").map(str::to_owned));
            let Some((kid, code)) = kid.zip(agency.parse::<AgencyCode>().ok()) else { continue };
            let stated = self.clients.signing_keys(&code).and_then(|keys| keys.stated(&kid));
            let Some(jwk) = stated.as_ref().and_then(Jwk::of) else { continue };
            let line = AgencyKey { agency: agency.clone(), jwk };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

impl Gathered {
    fn has_room(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        self.is_cut |= self.bytes > MESSAGE_BYTES_MAX;
        self.bytes <= MESSAGE_BYTES_MAX
    }
}

/// Steps of the referral, its deliveries and its clocks.
const fn is_of_evidence(event: &Event) -> bool {
    matches!(
        event,
        Event::Created(_) | Event::Drafted(_) | Event::Moved(_) | Event::Overdue(_) | Event::Delivery(_)
    )
}

/// The messages that these entries are of, and who said them. A receiver has no entry of the request.
fn said<'a>(entries: &[AuditEntry], referral: &'a Referral, is_sender: bool) -> Vec<Said<'a>> {
    let mut all = Vec::new();
    let request = entries.iter().find(|found| matches!(found.entry.event, Event::Requested(_)));
    for found in entries {
        match &found.entry.event {
            Event::Created(made) | Event::Drafted(made) => all.push(Said {
                entry: request.filter(|_| is_sender).map(|found| found.index),
                kind: MessageKind::Request,
                object: made.object,
                by: &referral.from,
            }),
            Event::Moved(step) if committed(&found.entry) => {
                let (Some(object), Some(side)) = (step.object, author(step.step)) else { continue };
                let by = if side == Side::Sender { &referral.from } else { &referral.to };
                all.push(Said { entry: Some(found.index), kind: step.step, object, by });
            }
            _ => {}
        }
    }
    all
}

const fn committed(entry: &Entry) -> bool {
    entry.commitment.is_some()
}

fn opening(opened: &Opened) -> Result<Hex32, HubError> {
    Hex32::try_from(opened.opening.clone()).map_err(|_| unwritable("an opening"))
}

fn add(text: &mut String, line: &impl Serialize) -> Result<(), HubError> {
    let line = serde_json::to_string(line).map_err(|_| unwritable("a line"))?;
    writeln!(text, "{line}").map_err(|_| unwritable("a line"))
}

fn unwritable(what: &str) -> HubError {
    HubError::Store(StoreError::Unreadable(format!("{what} of an evidence bundle")))
}
