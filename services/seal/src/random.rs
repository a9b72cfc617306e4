//! Random bytes from the operating system. The only source of randomness: ids, nonces, openings and keys
//! all come from here.

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::certain::certain;

/// `N` random bytes. The process aborts if the operating system has none to give.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    certain(SystemRandom::new().fill(&mut bytes));
    bytes
}

/// A new secret of 32 bytes, wiped when dropped.
pub(crate) fn secret() -> Zeroizing<[u8; 32]> {
    Zeroizing::new(random())
}
