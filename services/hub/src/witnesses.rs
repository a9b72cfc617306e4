//! Witnesses: others who remember the ledger's checkpoints and cosign those that continue what they saw
//! (c2sp.org/tlog-witness). The hub offers each its newest checkpoint, keeps what they say, and before it
//! signs anything compares itself with what they saw last. None of them holds anything up: one that does not
//! answer is a number and a line in the log.

mod answer;

use egress::{Client, Request, Url};
use ledger::{AddCheckpoint, CosignerKey};

use crate::{Hub, HubError, measure};
use answer::{cosignature, seen_by};

/// Rounds of one asking: once with what is known, once more with the size the witness tells.
const ROUNDS: u32 = 2;

/// Origins that a witness is asked about; a ledger with more epochs has other troubles.
const ORIGINS_MAX: usize = 16;

/// A witness of the configuration.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Its public key; the name is the witness's.
    pub key: CosignerKey,
    /// Its address, a folder: it ends in a slash.
    pub url: Url,
}

/// All of them, and the way there.
#[derive(Clone, Default)]
pub struct Witnesses {
    /// Those of the configuration.
    pub all: Vec<Witness>,
    http: Option<Client>,
}

impl Witnesses {
    /// These, called by this client.
    #[must_use]
    pub fn new(all: Vec<Witness>, http: Client) -> Self {
        Self { all, http: Some(http) }
    }
}

/// What came of asking a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// There is nothing it has not cosigned.
    Nothing,
    /// It cosigned the newest checkpoint.
    Cosigned,
    /// It saw other sizes twice in a row: another hub asks it too.
    Behind,
    /// It did not answer, or with what is no answer of a witness.
    Silent,
    /// It refuses: it saw more of this ledger, or another history.
    Refused,
}

impl Asked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Cosigned => "cosigned",
            Self::Behind => "behind",
            Self::Silent => "silent",
            Self::Refused => "refused",
        }
    }
}

impl Hub {
    /// Offers the newest checkpoint to a witness, unless it has cosigned it.
    ///
    /// # Errors
    /// Where the store cannot be read or written; what a witness does is no error.
    pub async fn ask_witness(&self, witness: &Witness) -> Result<Asked, HubError> {
        let asked = self.ask_rounds(witness).await?;
        if asked != Asked::Nothing {
            measure::witness_asked(&witness.key.name, asked.as_str());
        }
        if asked == Asked::Refused && !self.is_believed(witness).await? {
            tracing::error!(
                alarm = "ledger-suspect",
                witness = witness.key.name,
                "a witness saw more of this ledger than there is, or another history: see \
                 ops/runbooks/ledger.md"
            );
            measure::alarm("ledger-suspect");
        }
        Ok(asked)
    }

    async fn ask_rounds(&self, witness: &Witness) -> Result<Asked, HubError> {
        let Some((size, note)) = self.store.checkpoint().await? else { return Ok(Asked::Nothing) };
        let mut old = self.store.cosigned_by(&witness.key.name).await?.unwrap_or(0);
        if old == size {
            return Ok(Asked::Nothing);
        }
        for _ in 0..ROUNDS {
            if old > size {
                // Another hub may have committed and asked meanwhile: what is the newest now?
                let newest = self.store.checkpoint().await?.map_or(0, |(newest, _)| newest);
                return Ok(if old > newest { Asked::Refused } else { Asked::Behind });
            }
            let proof = self.store.consistency(old, size).await?;
            let request = AddCheckpoint { old, proof, checkpoint_note: note.clone() };
            let Some(response) = self.post_to(witness, &request).await else { return Ok(Asked::Silent) };
            match response.status {
                200 => {
                    let Some(line) = cosignature(&response.body, &note, &witness.key) else {
                        return Ok(Asked::Silent);
                    };
                    self.store.keep_cosignature(size, &witness.key.name, &line).await?;
                    return Ok(Asked::Cosigned);
                }
                409 => match answer::size(&response.body) {
                    Some(seen) if seen == size && seen == old => return Ok(Asked::Refused),
                    Some(seen) => old = seen,
                    None => return Ok(Asked::Silent),
                },
                422 => return Ok(Asked::Refused),
                404 => return Ok(self.unknown_to(witness)),
                _ => return Ok(Asked::Silent),
            }
        }
        Ok(Asked::Behind)
    }

    async fn post_to(&self, witness: &Witness, request: &AddCheckpoint) -> Option<egress::Response> {
        let url = witness.url.join("add-checkpoint").ok()?;
        let request = Request::post(url, request.to_text().into_bytes()).header("content-type", "text/plain");
        match self.witnesses.http.as_ref()?.send(request).await {
            Ok(response) => Some(response),
            Err(error) => {
                tracing::warn!(witness = witness.key.name, %error, "a witness does not answer");
                None
            }
        }
    }

    /// Compares the ledger with what each witness saw last, before anything is signed.
    ///
    /// # Errors
    /// Where the store fails. A witness that does not answer is passed over; where one saw more of it, or
    /// another history, or the checkpoint beside the store says so, another epoch begins.
    pub async fn compare_with_witnesses(&self) -> Result<(), HubError> {
        for witness in &self.witnesses.all {
            let name = &witness.key.name;
            let mut told = false;
            // Under earlier origins too: what an epoch is said to have lost is what they saw, and no less.
            for origin in self.store.origins().into_iter().take(ORIGINS_MAX) {
                if let Some(seen) = self.newest_at(witness, &origin).await {
                    told = true;
                    self.store.compare_with(seen, name).await?;
                }
            }
            if !told {
                tracing::warn!(witness = name, "not compared with this witness: it told nothing to believe");
            }
        }
        match self.store.lost() {
            Some(lost) => self.begin_epoch(&lost).await,
            None => Ok(()),
        }
    }

    /// After another epoch has begun, until somebody tells it.
    fn unknown_to(&self, witness: &Witness) -> Asked {
        let (witness, vkey) = (&witness.key.name, self.store.key().vkey());
        tracing::warn!(witness, vkey, "a witness was not told of this ledger: give its operator this key");
        Asked::Silent
    }

    /// A witness that refuses may be wrong. Only a note that our own key signed makes the ledger suspect.
    async fn is_believed(&self, witness: &Witness) -> Result<bool, HubError> {
        let key = self.store.key();
        let Some(seen) = self.newest_at(witness, key.origin()).await else { return Ok(false) };
        let Some(lost) = self.store.compare_with(seen, &witness.key.name).await? else { return Ok(false) };
        self.begin_epoch(&lost).await?;
        Ok(true)
    }

    async fn newest_at(&self, witness: &Witness, origin: &str) -> Option<ledger::Checkpoint> {
        let log: String = seal::sha256(origin.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let url = witness.url.join(&format!("newest/{log}")).ok()?;
        let response = self.witnesses.http.as_ref()?.send(Request::get(url)).await.ok()?;
        if response.status != 200 {
            return None;
        }
        seen_by(&response.body, |note| self.store.verified(note), &witness.key)
    }
}
