//! Entries: each stands in the ledger at its place, all in one tree, and each is of this referral, as this
//! side may see it, in the order of its steps.

use super::super::checkpoint::{read_proof, signed_checkpoint};
use super::super::leaf::Leaf;
use super::super::lines::{EntryLine, Header, Side};
use super::super::reason::Reason;
use super::{Reader, Taken};

impl Reader<'_> {
    pub(super) fn entry(&mut self, line: &EntryLine) -> Taken {
        if self.entries.last().is_some_and(|(last, _)| *last >= line.entry) {
            return Err(Reason::EntryOrder);
        }
        let proof = read_proof(&line.proof).filter(|proof| proof.index == line.entry).ok_or(Reason::Proof)?;
        self.checkpoint(&proof.checkpoint_note)?;
        proof.verify(line.leaf.as_bytes()).map_err(|_| Reason::Inclusion)?;
        let leaf = Leaf::read(&line.leaf).ok_or(Reason::Leaf)?;
        self.belongs(&leaf)?;
        self.entries.push((line.entry, leaf));
        Ok(())
    }

    fn checkpoint(&mut self, note: &str) -> Taken {
        if let Some((held, _)) = &self.note {
            return if held == note { Ok(()) } else { Err(Reason::OtherCheckpoint) };
        }
        let (own, given) = (self.ledger.as_ref().ok_or(Reason::Order)?, &self.given.ledger);
        let keys: Vec<_> = std::iter::once(own).chain(given).collect();
        let signed = signed_checkpoint(note, &keys, &self.witnesses).ok_or(Reason::Checkpoint)?;
        if signed.checkpoint.origin != own.name || !signed.by.contains(own) {
            return Err(Reason::Checkpoint);
        }
        // While keys change two of them sign, and whoever has the one or the other has enough.
        if !given.is_empty() && !given.iter().any(|key| signed.by.contains(key)) {
            return Err(Reason::OtherKey);
        }
        if !self.given.witnesses.iter().all(|named| signed.cosigned.contains(named)) {
            return Err(Reason::WitnessMissing);
        }
        self.note = Some((note.to_owned(), signed));
        Ok(())
    }

    /// Is it an entry of this referral, as this side may see it, and the next?
    fn belongs(&mut self, leaf: &Leaf) -> Taken {
        let header = self.header.clone().ok_or(Reason::Order)?;
        let own = leaf.event("referral") == Some(&header.referral);
        match leaf.kind() {
            "request.submitted" if header.side == Side::Sender && self.entries.is_empty() => {
                let (request, from) = (leaf.event("request"), leaf.event("from"));
                self.request = request.filter(|_| from == Some(&header.asked_by)).map(str::to_owned);
                self.request.as_ref().map(|_| ()).ok_or(Reason::OtherReferral)
            }
            "referral.requested" | "referral.drafted" if own && self.parties.is_none() => {
                self.begins(leaf, &header)
            }
            "referral.moved" if own && self.parties.is_some() => self.moves(leaf),
            "clock.overdue" if own && self.parties.is_some() => {
                self.deliveries.extend(leaf.made().map(str::to_owned));
                Ok(())
            }
            "delivery.moved" => {
                let delivery = leaf.event("delivery");
                let known = delivery.is_some_and(|id| self.deliveries.iter().any(|held| held == id));
                known.then_some(()).ok_or(Reason::OtherReferral)
            }
            _ => Err(Reason::OtherReferral),
        }
    }

    fn begins(&mut self, leaf: &Leaf, header: &Header) -> Taken {
        let text = |name| leaf.event(name).map(str::to_owned).ok_or(Reason::OtherReferral);
        let (from, to, delivery) = (text("from")?, text("to")?, text("delivery")?);
        let own = if header.side == Side::Sender { &from } else { &to };
        // Whom else a child was referred to, a receiver does not learn: it has no entry of the request.
        let request =
            header.side == Side::Receiver || self.request == leaf.event("request").map(str::to_owned);
        if *own != header.asked_by || !request {
            return Err(Reason::OtherReferral);
        }
        (self.parties, self.version) = (Some((from, to)), 1);
        self.deliveries.push(delivery);
        Ok(())
    }

    fn moves(&mut self, leaf: &Leaf) -> Taken {
        let version = leaf.number("version").ok_or(Reason::Gap)?;
        if version != self.version.saturating_add(1) {
            return Err(Reason::Gap);
        }
        self.version = version;
        self.deliveries.extend(leaf.made().map(str::to_owned));
        Ok(())
    }
}
