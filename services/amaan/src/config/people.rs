//! How people work at the desk: where browsers reach it, and how long a session lasts.

use serde::Deserialize;
use validator::Validate;

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Bounds, Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;
use super::web::WebAddress;

/// An hour without use is a computer that somebody left.
const IDLE_MINUTES: Bounds = Bounds { min: 1, max: 60 };
/// A day's work, and no day after it.
const ABSOLUTE_HOURS: Bounds = Bounds { min: 1, max: 24 };

pub const SECTION: Section = Section {
    name: "people",
    shape: Shape::One,
    about: "The desk, where an agency's people sign in (`providers`) and act. Times are proposed.",
    keys: &[
        Key {
            name: "url",
            kind: Kind::Web,
            fallback: Fallback::Absent,
            about: "Where browsers reach the desk, `https://amaan.example.org`: what a reverse proxy in \
                    front of the hub is called. It has to pass `Host` on. The address of `hub.listen` where \
                    absent.",
        },
        Key {
            name: "idle_minutes",
            kind: Kind::Number(IDLE_MINUTES),
            fallback: Fallback::Number(15),
            about: "A session that is not used for so long ends. Use is noted once a minute, so it may \
                    end up to a minute earlier.",
        },
        Key {
            name: "absolute_hours",
            kind: Kind::Number(ABSOLUTE_HOURS),
            fallback: Fallback::Number(12),
            about: "After so long every session ends, and a provider has to have asked the person since.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct People {
    pub url: Option<WebAddress>,
    #[validate(range(min = IDLE_MINUTES.min, max = IDLE_MINUTES.max))]
    pub idle_minutes: u64,
    #[validate(range(min = ABSOLUTE_HOURS.min, max = ABSOLUTE_HOURS.max))]
    pub absolute_hours: u64,
}

impl Concern for People {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = held_to_form(&SECTION, SECTION.name, self);
        let plain = |url: &WebAddress| url.url().origin().ascii_serialization() == url.as_str();
        if self.url.as_ref().is_some_and(|url| !plain(url)) {
            let fault = Fault::new(
                "is more than scheme, host and port, or not written plainly",
                "forms are compared with what browsers say of a page's origin, letter by letter",
                "write for example `https://amaan.example.org`, in lower case, without a slash at the \
                 end or a usual port",
            );
            faults.push(("people.url".to_owned(), fault));
        }
        faults
    }
}

impl People {
    pub fn rules(&self) -> hub::SessionRules {
        let seconds = |number: u64, each: u64| i64::try_from(number.saturating_mul(each)).unwrap_or(i64::MAX);
        hub::SessionRules {
            idle_seconds: seconds(self.idle_minutes, 60),
            absolute_seconds: seconds(self.absolute_hours, 3_600),
        }
    }
}
