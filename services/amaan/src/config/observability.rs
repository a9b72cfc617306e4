//! What the hub tells of itself: log lines, and traces for a collector. Metrics need no setting.

use std::sync::LazyLock;
use std::time::Duration;

use egress::{Client, Rules, Url};
use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Bounds, Fallback, Key, Kind, Section, Shape, Words};
use super::web::{check_web, rules};
use crate::failure::Failure;
use crate::telemetry::{Format, Logs, Traces, is_filter};

const PERCENT: Bounds = Bounds { min: 0, max: 100 };
const INSTANCE_CHARS_MAX: u64 = 100;
const JSON: &str = "json";
/// A collector that takes longer gets nothing: spans are no facts.
const CONNECT_MAX: Duration = Duration::from_secs(2);
const SEND_MAX: Duration = Duration::from_secs(5);

pub const SECTION: Section = Section {
    name: "observability",
    shape: Shape::One,
    about: "Log lines on stderr, and traces. What is in them and what never is: \
            `ops/docs/observability.md`.",
    keys: &[
        Key {
            name: "log_filter",
            kind: Kind::Text("levels by target, for example `warn` or `info,delivery=debug`"),
            fallback: Fallback::Text("warn"),
            about: "What is logged; `info` adds a line for each request. The environment variable \
                    `AMAAN_LOG` stands over it.",
        },
        Key {
            name: "log_format",
            kind: Kind::OneOf(&FORMATS),
            fallback: Fallback::Text(JSON),
            about: "One JSON object a line, or text for a person at a terminal.",
        },
        Key {
            name: "otlp_endpoint",
            kind: Kind::Text("nothing, or a web address: https, or http on loopback"),
            fallback: Fallback::Text(""),
            about: "The OpenTelemetry collector that takes traces (OTLP over HTTP in protobuf), without \
                    `/v1/traces`. Empty: no traces.",
        },
        Key {
            name: "sample_percent",
            kind: Kind::Number(PERCENT),
            fallback: Fallback::Number(100),
            about: "Of a hundred traces, so many are kept.",
        },
        Key {
            name: "instance",
            kind: Kind::Text("at most 100 characters"),
            fallback: Fallback::Text(""),
            about: "The name of this process in traces. Empty: the hub's.",
        },
    ],
};

static FORMATS: Words = Words { one: "log format", listed: "this list", all: formats };

fn formats() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| vec![JSON.to_owned(), "text".to_owned()]);
    &WORDS
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Observability {
    #[validate(custom(function = "is_log_filter"))]
    pub log_filter: String,
    pub log_format: String,
    pub otlp_endpoint: String,
    #[validate(range(min = PERCENT.min, max = PERCENT.max))]
    pub sample_percent: u64,
    #[validate(length(max = INSTANCE_CHARS_MAX))]
    pub instance: String,
}

impl Concern for Observability {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = held_to_form(&SECTION, SECTION.name, self);
        let address = Some(&self.otlp_endpoint).filter(|text| !text.is_empty());
        let fault = address.and_then(|text| check_web(text));
        faults.extend(fault.map(|fault| ("observability.otlp_endpoint".to_owned(), fault)));
        faults
    }
}

impl Observability {
    pub fn logs(&self) -> Logs {
        let format = if self.log_format == JSON { Format::Json } else { Format::Text };
        Logs { filter: self.log_filter.clone(), format }
    }

    /// Where traces go, if anywhere.
    pub fn traces(&self, hub: &str) -> Result<Option<Traces>, Failure> {
        if self.otlp_endpoint.is_empty() {
            return Ok(None);
        }
        let instance = if self.instance.is_empty() { hub } else { &self.instance };
        let percent = u32::try_from(self.sample_percent).unwrap_or(0);
        traces(&self.otlp_endpoint, percent, instance).map(Some)
    }
}

/// To a collector at this address.
pub fn traces(collector: &str, sample_percent: u32, instance: &str) -> Result<Traces, Failure> {
    let collector: Url = collector.parse().map_err(Failure::at("the collector's address"))?;
    let called = egress::entry_for(&collector).into_iter().collect();
    let rules = Rules { connect_timeout: CONNECT_MAX, total_timeout: SEND_MAX, ..rules(called, None) };
    let http = Client::new(rules).map_err(Failure::at("the client for traces"))?;
    Ok(Traces { collector, http, sample_percent, instance: instance.to_owned() })
}

fn is_log_filter(text: &str) -> Result<(), ValidationError> {
    if is_filter(text) { Ok(()) } else { Err(ValidationError::new("filter")) }
}
