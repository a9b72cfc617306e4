//! Where a browser goes on to: a page of the desk and nothing else. What is asked for is matched against the
//! table of pages and written anew from its parts, so that no address of another host, no second slash and
//! no line break can come out of it (CWE-601).

use crate::desk::{DESK, Needs};
use crate::pages::Language;
use crate::routes::Verb;

/// Longer segments than any page has.
const SEGMENT_CHARS_MAX: usize = 64;

/// A page of the desk, by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    path: String,
    language: Option<Language>,
}

impl Place {
    /// The first page.
    pub fn home() -> Self {
        Self { path: "/desk".to_owned(), language: None }
    }

    /// A path of ours.
    pub fn of(path: &str, language: Option<Language>) -> Self {
        Self { path: path.to_owned(), language }
    }

    /// What was asked for, if it is a page that one can be shown after signing in.
    pub fn parse(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let pages = DESK.iter().filter(|route| route.method == Verb::Get && route.needs > Needs::Nothing);
        pages.map(|route| route.path).find(|pattern| fits(pattern, &segments))?;
        let language = match query {
            None => None,
            Some(query) => Some(Language::called(query.strip_prefix("lang=")?)?),
        };
        Some(Self { path: format!("/{}", segments.join("/")), language })
    }

    /// The same, or the first page.
    pub fn parse_or_home(text: Option<&str>) -> Self {
        text.and_then(Self::parse).unwrap_or_else(Self::home)
    }

    /// The address.
    pub fn text(&self) -> String {
        let language = self.language.map_or_else(String::new, |held| format!("?lang={}", held.tag()));
        format!("{}{language}", self.path)
    }

    /// As a value in another address.
    pub fn encoded(&self) -> String {
        self.text().replace('?', "%3F").replace('=', "%3D")
    }
}

fn fits(pattern: &str, segments: &[&str]) -> bool {
    let pattern: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
    let one = |(pattern, segment): (&&str, &&str)| {
        pattern == segment || (pattern.starts_with('{') && plain(segment))
    };
    pattern.len() == segments.len() && pattern.iter().zip(segments).all(one)
}

fn plain(segment: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    matches!(segment.len(), 1..=SEGMENT_CHARS_MAX) && segment.bytes().all(allowed)
}
