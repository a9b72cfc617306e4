//! An answer of the hub as tests read it.

use egress::Response;
use serde_json::Value;

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn of(response: Response) -> Self {
        Self { status: response.status, headers: response.headers, bytes: response.body }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.text()))
    }

    /// The last segment of a problem's type; empty for what is none.
    pub fn slug(&self) -> String {
        let kind = serde_json::from_slice(&self.bytes).ok();
        let kind = kind.and_then(|body: Value| body["type"].as_str().map(str::to_owned));
        kind.and_then(|kind| kind.rsplit('/').next().map(str::to_owned)).unwrap_or_default()
    }

    /// This answer, if it is a success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self
    }

    /// This answer, if it is this problem.
    #[track_caller]
    pub fn problem(self, status: u16, slug: &str) -> Self {
        let found = (self.status, self.slug());
        assert_eq!(found, (status, slug.to_owned()), "{}", self.text());
        self
    }
}
