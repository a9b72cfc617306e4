//! Pages for people: what runs here, and what each problem means. Rendered on the server, readable without
//! scripts, at 320 pixels and in the dark. They show nothing about any child.

mod evidence;
mod evidence_words;
mod index;
mod language;
pub(crate) mod layout;
pub(crate) mod problems;
mod style;

use actix_web::{HttpRequest, HttpResponse};

use crate::Api;

pub use evidence::evidence_page;
pub use language::Language;
pub use problems::{index as problem_index, page as problem_page};

/// A page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Its path.
    pub path: &'static str,
    /// Its title.
    pub title: &'static str,
    pub(crate) show: fn(&Api, &HttpRequest) -> HttpResponse,
}

/// All pages.
pub const PAGES: &[Page] = &[
    Page { path: "/", title: "Amaan", show: index::show },
    Page { path: "/problems", title: "Problems", show: problems::show_index },
    Page { path: "/problems/{slug}", title: "A problem", show: problems::show_one },
    Page { path: style::PATH, title: "Style sheet", show: style::show },
];
