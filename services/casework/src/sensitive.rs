//! A wrapper for anything about a person: it cannot be printed, logged or serialised by accident, and its
//! memory is wiped when dropped. Opening it takes a call that a reviewer can search for.

use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use zeroize::Zeroize;

/// Something about a person. No `Debug` of the content, no `Display`, no `Serialize`.
pub struct Sensitive<T: Zeroize>(SecretBox<T>);

impl<T: Zeroize> Sensitive<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(SecretBox::new(Box::new(value)))
    }
    /// The value, for the few places that validate, seal, minimise or send it.
    pub fn expose(&self) -> &T {
        self.0.expose_secret()
    }
    pub(crate) fn exposed_mut(&mut self) -> &mut T {
        self.0.expose_secret_mut()
    }
}

impl<T: Zeroize + Clone> Clone for Sensitive<T> {
    fn clone(&self) -> Self {
        Self::new(self.expose().clone())
    }
}

impl<T: Zeroize + PartialEq> PartialEq for Sensitive<T> {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl<T: Zeroize + Eq> Eq for Sensitive<T> {}

impl<T: Zeroize> std::fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sensitive(..)")
    }
}
