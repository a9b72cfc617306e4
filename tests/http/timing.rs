//! Absent and forbidden compared: the same status, the same bytes but for the request's id, the same number
//! of entries, and times that no caller can tell apart. Pairs are interleaved, so that whatever else the
//! machine does falls on both sides alike.
//!
//! Times are reported, not judged, but for a gross difference: medians more than half of the greater one
//! apart *and* 2 ms, and a rank test that calls it no chance. A look-up that is skipped, or an entry that is
//! written on one side only, is such a difference; a busy machine is not. `ops/timing` runs many pairs.

use std::time::Instant;

use serde_json::Value;

use super::served::referral;
use super::world::{Answer, World};

/// Pairs for each address; `AMAAN_TIMING_PAIRS` says otherwise.
const PAIRS: usize = 40;
/// A difference of medians below this is no difference anybody can see over a network.
const GROSS_SECONDS: f64 = 0.002;
/// That a rank test calls no chance.
const Z_GROSS: f64 = 6.0;
const NOBODY: &str = "00000000000070008000000000000000";

fn pairs() -> usize {
    std::env::var("AMAAN_TIMING_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(PAIRS)
}

/// Everything of an answer but what names the request.
fn told(answer: &Answer) -> (u16, Value, String) {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("instance");
    (answer.response.status, body, answer.header("content-length").to_owned())
}

/// Seconds of each side, in the order they were measured.
#[derive(Default)]
struct Times {
    absent: Vec<f64>,
    forbidden: Vec<f64>,
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

impl Times {
    /// The z of the Mann-Whitney rank test (normal approximation): how many deviations the ranks of one side
    /// are from an even mix.
    fn z(&self) -> f64 {
        let mut all: Vec<(f64, bool)> = self.absent.iter().map(|time| (*time, true)).collect();
        all.extend(self.forbidden.iter().map(|time| (*time, false)));
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        let ranks = all.iter().zip(1_u32..).filter(|((_, absent), _)| *absent);
        let sum: f64 = ranks.map(|(_, rank)| f64::from(rank)).sum();
        let of = |times: &[f64]| f64::from(u32::try_from(times.len()).unwrap());
        let (n, m) = (of(&self.absent), of(&self.forbidden));
        let (mean, variance) = (n * (n + m + 1.0) / 2.0, n * m * (n + m + 1.0) / 12.0);
        (sum - mean) / variance.sqrt()
    }

    fn check(&self, what: &str) {
        let (absent, forbidden, z) = (median(&self.absent), median(&self.forbidden), self.z());
        let (ms, pairs) = (1_000.0, self.absent.len());
        println!(
            "{what:<28} {pairs:>4} pairs, medians: absent {:.3} ms, forbidden {:.3} ms, \
             difference {:+.3} ms; z {z:+.2}, p {:.3}",
            absent * ms,
            forbidden * ms,
            (forbidden - absent) * ms,
            two_sided(z),
        );
        let apart = (absent - forbidden).abs();
        let gross = apart > GROSS_SECONDS && apart > absent.max(forbidden) / 2.0 && z.abs() > Z_GROSS;
        assert!(!gross, "{what}: absent and forbidden take different times");
    }
}

/// How likely so great a z is by chance (Abramowitz and Stegun 7.1.25).
fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.47047 * x);
    (t * (0.348_024_2 + t * (-0.095_879_8 + t * 0.747_855_6))) * (-x * x).exp()
}

/// One side: what was answered, how long it took, how many entries it left.
async fn ask(world: &World, address: &str) -> ((u16, Value, String), f64, u64) {
    let before = world.entries().await;
    let call = world.get(address).calling_as("nccia-system");
    let began = Instant::now();
    let answer = call.send().await;
    let took = began.elapsed().as_secs_f64();
    (told(&answer), took, world.entries().await - before)
}

async fn compare(world: &World, what: &str, path: impl Fn(&str) -> String, foreign: &str) {
    let (absent, forbidden) = (path(NOBODY), path(foreign));
    let mut times = Times::default();
    // Not measured: the first calls fill caches on both sides, and use up the refusals entered singly.
    for number in 0..pairs() + 12 {
        let turned = number % 2 == 1;
        let (first, second) = if turned { (&forbidden, &absent) } else { (&absent, &forbidden) };
        let (one, other) = (ask(world, first).await, ask(world, second).await);
        let (a, f) = if turned { (other, one) } else { (one, other) };
        assert_eq!(a.0.0, 404, "{absent}: {}", a.0.1);
        assert_eq!(a.0, f.0, "{what}: absent and forbidden are told apart by their answers");
        // A refusal counted for a minute is entered with whichever call comes first in the next.
        if number >= 12 && a.2 != f.2 {
            continue;
        }
        if number >= 12 {
            times.absent.push(a.1);
            times.forbidden.push(f.1);
        }
    }
    assert!(times.absent.len() * 10 >= pairs() * 9, "{what}: the two leave different numbers of entries");
    times.check(what);
}

#[tokio::test]
async fn absent_and_forbidden_take_one_time() {
    let world = World::limited(hub::LimitSettings::without_rates()).await;
    let sent = world.post("/v1/referrals", referral()).key("r").calling_as("ictp-system").send().await;
    assert_eq!(sent.line(), "201", "{}", sent.text());
    let id = |pointer: &str| {
        let text = sent.body.pointer(pointer).and_then(Value::as_str).unwrap();
        text.split_once('_').unwrap().1.to_owned()
    };
    let (referral, case, request) = (id("/referrals/0/id"), id("/case/id"), id("/request"));
    for (what, before, after, foreign) in [
        ("a referral and its message", "/v1/referrals/rf_", "", &referral),
        ("its next actions", "/v1/referrals/rf_", "/actions", &referral),
        ("its history", "/v1/referrals/rf_", "/history", &referral),
        ("a request", "/v1/requests/rq_", "", &request),
        ("a case", "/v1/cases/cs_", "", &case),
    ] {
        compare(&world, what, |id| format!("{before}{id}{after}"), foreign).await;
    }
}
