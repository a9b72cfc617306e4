//! Which language a page is shown in: what its address asks for (`?lang=ur`), else what the browser prefers,
//! else English. Not for answers of the API: those are read by programs.

use actix_web::http::header::{AcceptLanguage, Preference};
use actix_web::{HttpMessage, HttpRequest};

/// A language pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, left to right.
    English,
    /// Urdu, right to left.
    Urdu,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Urdu];

    /// As in `lang` and `?lang=`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Urdu => "ur",
        }
    }

    /// As in `dir`.
    pub(crate) const fn direction(self) -> &'static str {
        match self {
            Self::English => "ltr",
            Self::Urdu => "rtl",
        }
    }

    /// Its name, in itself.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Urdu => "اردو",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::English => Self::Urdu,
            Self::Urdu => Self::English,
        }
    }

    /// One of the two texts.
    pub(crate) const fn of<'a>(self, english: &'a str, urdu: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Urdu => urdu,
        }
    }

    pub(crate) fn asked(request: &HttpRequest) -> Self {
        Self::said(request).unwrap_or_else(|| Self::preferred(request))
    }

    /// What the address asks for.
    pub(crate) fn said(request: &HttpRequest) -> Option<Self> {
        let said = request.query_string().split('&').find_map(|part| part.strip_prefix("lang="));
        said.and_then(Self::called)
    }

    fn preferred(request: &HttpRequest) -> Self {
        let ranked = request.get_header::<AcceptLanguage>().map(|accepted| accepted.ranked());
        let known = ranked.unwrap_or_default().into_iter().find_map(|one| match one {
            Preference::Specific(tag) => Self::called(tag.primary_language()),
            Preference::Any => Some(Self::English),
        });
        known.unwrap_or(Self::English)
    }

    pub(crate) fn called(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }
}
