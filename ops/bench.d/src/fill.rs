//! Fill: a store as it would be after a year of work, made by the store's own door, so that it is a real
//! ledger: `amaan audit verify` holds on it. Requests that the schemas accept, routed by mandate and allowed
//! by the policies, for one to three agencies; deliveries attempted and taken; then the officers' steps, so
//! that most referrals are closed and some stand in each open state. Bodies are as small as a valid message
//! can be. Case time starts a year ago and is moved along.
//!
//! It begins no request where the disk is too small, and goes on where an earlier run stopped.

mod dice;
mod drive;
mod families;
mod lives;
mod messages;
mod need;
mod orders;

use std::path::PathBuf;
use std::time::Instant;

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use seal::{NoteKey, RootKey};
use serde_json::json;
use store::{Place, Settings, Store};

use crate::Failure;
use crate::raw::Raw;
use crate::standing::{Standing, text};

/// The past that a new store is given.
const PAST_DAYS: i64 = 365;
const DAY_MICROS: i64 = 86_400_000_000;

#[derive(Args)]
pub struct Fill {
    #[command(flatten)]
    standing: Standing,
    /// The hub's name: `hub.name` of its configuration.
    #[arg(long)]
    name: String,
    #[arg(long)]
    root_key_file: PathBuf,
    #[arg(long)]
    ledger_key_file: PathBuf,
    /// Referrals that the store shall have in the end.
    #[arg(long)]
    rows: u64,
    /// A folder on the disk that the store lies on, where that is not the data folder's.
    #[arg(long)]
    disk: Option<PathBuf>,
    /// What is drawn: the same number draws the same children.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Fill {
    pub fn run(self) -> Result<String, Failure> {
        let place = self.standing.place()?;
        std::fs::create_dir_all(place.dir())?;
        let there = referrals(&place)?;
        let missing = self.rows.saturating_sub(there);
        let disk = self.disk.as_deref().unwrap_or_else(|| place.dir());
        need::check(missing, there, matches!(place, Place::Sqlite { .. }), disk)?;
        let started = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let made = runtime.block_on(self.make(&place, there))?;
        self.told(&place, made, started)
    }

    /// Also where nothing is missing: what an earlier run left on its way is brought to its end.
    async fn make(&self, place: &Place, there: u64) -> Result<drive::Made, Failure> {
        let directory = schemas::Directory::embedded()?;
        let store = Store::open(Settings {
            place: place.clone(),
            rules: directory.rules(),
            root: self.root()?,
            note_key: self.note_key()?,
            other_note_keys: Vec::new(),
            first_offset_micros: -PAST_DAYS * DAY_MICROS,
        })?;
        let made = drive::drive(store, &self.name, &directory, there, self.rows, self.seed).await?;
        Ok(made)
    }

    fn told(&self, place: &Place, made: drive::Made, started: Instant) -> Result<String, Failure> {
        let mut raw = Raw::open(place)?.ok_or("there is no store")?;
        let (referrals, bytes) = (raw.referrals()?, raw.bytes(place)?);
        let seconds = started.elapsed().as_secs_f64();
        Ok(json!({
            "referrals": referrals,
            "made": made.referrals,
            "orders": made.orders,
            "entries": made.entries,
            "seconds": seconds,
            "referrals_per_s": made.referrals as f64 / seconds,
            "orders_per_s": made.orders as f64 / seconds,
            "bytes": bytes,
            "bytes_per_referral": bytes / referrals.max(1),
            "whole": referrals >= self.rows,
        })
        .to_string())
    }

    fn root(&self) -> Result<RootKey, Failure> {
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(text(&self.root_key_file)?.trim(), &mut bytes)?;
        Ok(RootKey::from_bytes(bytes))
    }

    fn note_key(&self) -> Result<NoteKey, Failure> {
        let pem = text(&self.ledger_key_file)?;
        let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        Ok(NoteKey::from_pkcs8(self.name.as_str(), &STANDARD.decode(lines)?)?)
    }
}

fn referrals(place: &Place) -> Result<u64, Failure> {
    Raw::open(place)?.map_or(Ok(0), |mut raw| raw.referrals())
}
