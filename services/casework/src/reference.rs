//! The spoken reference of a case: what a caseworker reads over the telephone. It is a function of the case
//! id, so nothing has to be stored to find it again, and its last character is a check character.

use std::fmt;

use crate::CaseId;

/// Crockford's base 32: no I, L, O or U to mishear.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The five extra check characters of Crockford's scheme, for remainders 32 to 36.
const CHECK_EXTRA: &[u8; 5] = b"*~$=U";
/// 40 bits: eight characters; the hub draws another id on the rare clash.
const BITS: u32 = 40;

/// For example `7K2Q-9XM4-C`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseReference(String);

impl CaseReference {
    /// The reference of a case: the id's last 40 bits and their remainder by 37.
    #[must_use]
    pub fn of(case: CaseId) -> Self {
        let value = case.uuid().as_u128() & ((1 << BITS) - 1);
        let mut text = String::with_capacity(11);
        for position in (0..8_u32).rev() {
            text.push(symbol((value >> (position * 5)) & 31));
            if position == 4 {
                text.push('-');
            }
        }
        text.push('-');
        text.push(symbol(value % 37));
        Self(text)
    }

    /// What a person typed, in the written form: spaces and dashes gone, I and L read as 1, O as 0.
    /// `None` where the check character does not fit.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let chars: Vec<char> = typed.chars().filter(|c| !matches!(c, ' ' | '-')).map(heard).collect();
        let (check, digits) = chars.split_last()?;
        if digits.len() != 8 {
            return None;
        }
        let mut value: u128 = 0;
        for digit in digits {
            value = (value << 5)
                | u128::try_from(ALPHABET.iter().position(|&b| char::from(b) == *digit)?).ok()?;
        }
        (symbol(value % 37) == *check).then(|| Self::of(CaseId::new(uuid::Uuid::from_u128(value))))
    }

    /// Can it be said on the telephone? Five of the 37 check characters are signs; the hub draws another case
    /// id then.
    #[must_use]
    pub fn speakable(&self) -> bool {
        self.0.bytes().last().is_some_and(|check| ALPHABET.contains(&check))
    }

    /// The written form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn heard(typed: char) -> char {
    match typed.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    }
}

fn symbol(value: u128) -> char {
    let at = usize::try_from(value).unwrap_or_default();
    let found = ALPHABET.iter().chain(CHECK_EXTRA).nth(at);
    char::from(*found.unwrap_or(&b'?'))
}

impl fmt::Display for CaseReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
