//! The writer beside bare inserts of the same rows, slice by slice in one process: what else happens on the
//! machine then meets both alike. Each run begins with empty stores; medians of all runs are told.

use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use crate::Failure;
use crate::insert::Target;
use crate::stores::Ground;
use crate::tally::Tally;
use crate::writer::{Fed, bounded, given_up};

/// Referrals in a slice: some tenths of a second.
const SLICE: usize = 2_000;
const RUNS_MAX: usize = 20;

#[derive(Args)]
pub struct Limits {
    #[command(flatten)]
    ground: Ground,
    /// How often to begin anew.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Seconds of each side in a run.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Referrals in one transaction of bare inserts.
    #[arg(long, default_value_t = 200)]
    batch: usize,
    /// Orders that wait for the writer.
    #[arg(long, default_value_t = 400)]
    in_flight: usize,
}

/// One run's two sides.
struct Run {
    insert: Tally,
    writer: Tally,
}

impl Limits {
    pub fn run(self) -> Result<String, Failure> {
        if self.runs == 0 || self.runs > RUNS_MAX {
            return Err(format!("--runs is 1 to {RUNS_MAX}").into());
        }
        let runs = (0..self.runs).map(|_| self.one()).collect::<Result<Vec<Run>, Failure>>()?;
        let side =
            |side: fn(&Run) -> Tally| -> Vec<Value> { runs.iter().map(|run| side(run).told()).collect() };
        let ratios = runs.iter().map(Run::writer_to_insert).collect();
        Ok(json!({
            "insert": medians(&side(|run| run.insert)),
            "writer": medians(&side(|run| run.writer)),
            "writer_to_insert": median(ratios),
            "runs": self.runs,
        })
        .to_string())
    }

    fn one(&self) -> Result<Run, Failure> {
        let (wanted, started) = (bounded(self.seconds)?, Instant::now());
        let fed = Fed::new(self.ground.own()?, self.in_flight)?;
        let mut target = Target::new(self.ground.own()?, self.batch)?;
        let mut run = Run { insert: Tally::default(), writer: Tally::default() };
        while run.insert.took.min(run.writer.took) < wanted && !given_up(started, wanted) {
            let spans = fed.commit(SLICE, &mut run.writer)?;
            target.insert(&fed.own, &spans, wanted, &mut run.insert)?;
        }
        Ok(run)
    }
}

impl Run {
    fn writer_to_insert(&self) -> f64 {
        self.writer.referrals_per_s() / self.insert.referrals_per_s()
    }
}

/// The median of each number over all runs.
fn medians(runs: &[Value]) -> Value {
    let names =
        runs.first().and_then(Value::as_object).map(|first| first.keys().cloned().collect::<Vec<_>>());
    let of = |name: &String| runs.iter().filter_map(|run| run.get(name)?.as_f64()).collect();
    names.into_iter().flatten().map(|name| (name.clone(), json!(median(of(&name))))).collect()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let (low, high) = (numbers.len().saturating_sub(1) / 2, numbers.len() / 2);
    match (numbers.get(low), numbers.get(high)) {
        (Some(low), Some(high)) => (low + high) / 2.0,
        _ => f64::NAN,
    }
}
