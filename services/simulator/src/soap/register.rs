//! NADRA's register, invented: a number's twelfth digit (the last of the serial, before the digit that tells
//! the sex) decides the result, so that a test can choose it. Names and birth dates are not compared.
//! No real number has a meaning here.

/// What NADRA says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// The document exists and agrees with what was given: digits 0 to 6.
    Match,
    /// It exists but does not agree: 7.
    NoMatch,
    /// There is no such document: 8.
    NoRecord,
    /// More than one record fits: 9.
    Ambiguous,
}

impl Finding {
    /// The word on the wire.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::NoMatch => "NOMATCH",
            Self::NoRecord => "NORECORD",
            Self::Ambiguous => "AMBIGUOUS",
        }
    }

    /// The message for people, in Urdu between a right-to-left mark and a pop, as such systems send it.
    /// The wording is unreviewed.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Match => "\u{200f}\u{202b}تصدیق ہو گئی\u{202c}",
            Self::NoMatch => "\u{200f}\u{202b}کوائف مطابقت نہیں رکھتے\u{202c}",
            Self::NoRecord => "\u{200f}\u{202b}ریکارڈ موجود نہیں\u{202c}",
            Self::Ambiguous => "\u{200f}\u{202b}ایک سے زیادہ ریکارڈ\u{202c}",
        }
    }
}

/// 13 digits, written plainly or as 5-7-1. There is no check digit.
pub(super) fn is_number(text: &str) -> bool {
    digits(text).count() == 13 && text.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// What the register says of a number.
pub(super) fn look_up(number: &str) -> Finding {
    match digits(number).nth(11) {
        Some('7') => Finding::NoMatch,
        Some('8') => Finding::NoRecord,
        Some('9') => Finding::Ambiguous,
        _ => Finding::Match,
    }
}

fn digits(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(char::is_ascii_digit)
}
