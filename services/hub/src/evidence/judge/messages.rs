//! Messages and copies: an entry was made for exactly these bytes and this signature; the agency's or the
//! hub's key signed them, for this and nothing else. And the hub's signature over the whole.

use casework::Sensitive;

use super::super::held::{HeldCopy, HeldMessage};
use super::super::jws::Jws;
use super::super::keys::Jwk;
use super::super::leaf::Leaf;
use super::super::lines::{CopyLine, MessageLine, SealLine, Side};
use super::super::reason::Reason;
use super::{Reader, Taken};

/// What the hub's signature over a bundle says it is.
pub(in super::super) const SEAL_TYP: &str = "amaan-evidence+jws";
const COPY_TYP: &str = "amaan-copy+jws";
const MESSAGE_TYP: &str = "amaan-message+jws";

impl Reader<'_> {
    /// The entry that commits to a message, and what it commits to.
    fn committed(&self, entry: u64) -> Result<(&Leaf, &str), Reason> {
        let found = self.entries.iter().find(|(index, _)| *index == entry);
        let leaf = found.map(|(_, leaf)| leaf).ok_or(Reason::NoSuchEntry)?;
        leaf.commitment().map(|commitment| (leaf, commitment)).ok_or(Reason::NoSuchEntry)
    }

    pub(super) fn message(&mut self, line: MessageLine) -> Taken {
        let (from, to) = self.parties.as_ref().ok_or(Reason::OtherReferral)?;
        let (leaf, commitment) = self.committed(line.message)?;
        let author = leaf.author().map(|side| if side == Side::Sender { from } else { to });
        if author != Some(&line.agency) {
            return Err(Reason::Agency);
        }
        let commits = |bytes: &[u8]| hex::encode(seal::commitment(&line.opening.0, bytes));
        if commits(&line.body.0) != commitment {
            return Err(Reason::Commitment);
        }
        if leaf.signature().is_some() != line.signature.is_some() {
            return Err(Reason::SignatureMissing);
        }
        if line.signature.as_ref().is_some_and(|text| Some(&*commits(text.as_bytes())) != leaf.signature()) {
            return Err(Reason::Commitment);
        }
        let signed_by = match &line.signature {
            None => None,
            Some(text) => self.signed(text, leaf, &line)?,
        };
        let is_key_missing = line.signature.is_some() && signed_by.is_none();
        let (entry, agency, body) = (line.message, line.agency, Sensitive::new(line.body.0));
        self.messages.push(HeldMessage { entry, agency, signed_by, is_key_missing, body });
        Ok(())
    }

    /// By which key the agency signed it; `None` where neither the bundle nor whoever checks has that key.
    fn signed(&self, text: &str, leaf: &Leaf, line: &MessageLine) -> Result<Option<String>, Reason> {
        let header = self.known_header()?;
        let jws = Jws::read(text).filter(Jws::is_detached).ok_or(Reason::Signature)?;
        let says = [("typ", MESSAGE_TYP), ("iss", &line.agency), ("aud", &header.hub)];
        if !jws.says_all(&says) || !is_target(jws.says("target"), leaf, &header.referral) {
            return Err(Reason::Signature);
        }
        let kid = jws.says("kid").ok_or(Reason::Signature)?;
        let keys = self.keys_of(&line.agency, kid)?;
        let holds = keys.iter().any(|key| jws.is_signed_by(key, Some(&line.body.0)));
        if holds || keys.is_empty() { Ok(holds.then(|| kid.to_owned())) } else { Err(Reason::Signature) }
    }

    /// The agency's key of this name. One that was given counts also where the bundle does not have it: a hub
    /// that leaves a key out must not get a forged signature past whoever knows that key.
    fn keys_of(&self, agency: &str, kid: &str) -> Result<Vec<&Jwk>, Reason> {
        // Of two keys of one name the later counts.
        let mut held = self.known_keys()?.agency_keys.iter().rev();
        if let Some(held) = held.find(|held| held.agency == agency && held.jwk.kid == kid) {
            return Ok(vec![&held.jwk]);
        }
        Ok(self.given.agencies.iter().flatten().filter(|key| key.kid == kid).collect())
    }

    pub(super) fn copy(&mut self, line: &CopyLine) -> Taken {
        let (header, key) = (self.known_header()?, &self.known_keys()?.hub_key);
        if !self.deliveries.contains(&line.copy) {
            return Err(Reason::OtherReferral);
        }
        let jws = Jws::read(&line.signed).ok_or(Reason::CopySignature)?;
        let says =
            [("typ", COPY_TYP), ("iss", &*header.hub), ("aud", &*header.asked_by), ("jti", &*line.copy)];
        if !jws.says_all(&says) || jws.is_detached() || !jws.is_signed_by(key, None) {
            return Err(Reason::CopySignature);
        }
        if let Some(entry) = line.entry {
            let (_, commitment) = self.committed(entry)?;
            jws.says_all(&[("original", commitment)]).then_some(()).ok_or(Reason::Commitment)?;
        }
        let (removed, changed) = (jws.list("removed"), jws.list("changed"));
        let body = Sensitive::new(jws.inside().ok_or(Reason::CopySignature)?);
        self.copies.push(HeldCopy { entry: line.entry, delivery: line.copy.clone(), removed, changed, body });
        Ok(())
    }

    pub(super) fn seal(&self, line: &SealLine, before: &[u8]) -> Taken {
        let (header, key) = (self.known_header()?, &self.known_keys()?.hub_key);
        self.parties.as_ref().ok_or(Reason::Seal)?;
        let jws = Jws::read(&line.seal).filter(Jws::is_detached).ok_or(Reason::Seal)?;
        let says = [("typ", SEAL_TYP), ("iss", &*header.hub), ("aud", &*header.asked_by)];
        let holds = jws.says_all(&says) && jws.is_signed_by(key, Some(before));
        holds.then_some(()).ok_or(Reason::Seal)
    }
}

/// Was it signed for the request that the entry is of?
fn is_target(target: Option<&str>, leaf: &Leaf, referral: &str) -> bool {
    let Some(target) = target else { return false };
    if leaf.kind() == "request.submitted" {
        return ["POST /v1/referrals", "POST /v1/drafts"].contains(&target);
    }
    match leaf.event("step") {
        Some("consent-revoked") => Some(target) == revocation(leaf).as_deref(),
        Some(step) => target == format!("POST /v1/referrals/{referral}/{step}"),
        None => false,
    }
}

fn revocation(leaf: &Leaf) -> Option<String> {
    leaf.event("case").map(|case| format!("POST /v1/cases/{case}/consent/revoke"))
}
