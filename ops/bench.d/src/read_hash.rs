//! The bare reading of a ledger: every leaf by the store's own driver, in order, and the SHA-256 of each as RFC
//! 6962 has it. No tree, no state, nothing compared: the limit that `amaan audit verify` is held against.

use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::Failure;
use crate::raw::Raw;
use crate::standing::Standing;

#[derive(Args)]
pub struct ReadHash {
    #[command(flatten)]
    standing: Standing,
}

impl ReadHash {
    pub fn run(self) -> Result<String, Failure> {
        let mut raw = Raw::open(&self.standing.place()?)?.ok_or("there is no store")?;
        let (started, cpu_before) = (Instant::now(), cpu_nanos()?);
        let (mut entries, mut mixed) = (0_u64, 0_u8);
        raw.leaves(|leaf| {
            entries += 1;
            // So that no compiler leaves the hashing out.
            mixed = ledger::leaf_hash(leaf).iter().fold(mixed, |all, byte| all ^ byte);
        })?;
        let seconds = started.elapsed().as_secs_f64();
        let cpu_us = (cpu_nanos()? - cpu_before) / 1000.0;
        Ok(json!({
            "entries": entries,
            "seconds": seconds,
            "entries_per_s": entries as f64 / seconds,
            "cpu_us_per_entry": cpu_us / entries.max(1) as f64,
            "mixed": mixed,
        })
        .to_string())
    }
}

/// Nanoseconds on a processor, all threads of this process.
fn cpu_nanos() -> Result<f64, Failure> {
    let mut nanos = 0.0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let told = std::fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += told.split_whitespace().next().unwrap_or("0").parse::<f64>()?;
    }
    Ok(nanos)
}
