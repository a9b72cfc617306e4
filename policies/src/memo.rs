//! Answers kept as long as the set is in force. A decision and a mask are functions of codes alone, and a set
//! never changes once it is accepted, so the same question always has the same answer; another set starts
//! with none. What could not be decided is never kept: it is asked again each time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{PoisonError, RwLock},
};

/// Answers kept of each kind. Nine agencies pairwise, twelve messages and a handful of services in use stay
/// well below; a full table is emptied and fills again.
const ANSWERS_MAX: usize = 8192;

#[derive(Debug)]
pub(crate) struct Memo<K, V>(RwLock<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Memo<K, V> {
    /// The answer kept for `asked`, or the one that `decide` gives, kept if `decided` says that it is one.
    pub(crate) fn get_or(&self, asked: &K, decided: fn(&V) -> bool, decide: impl FnOnce() -> V) -> V {
        if let Some(answer) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(asked) {
            return answer.clone();
        }
        let answer = decide();
        if decided(&answer) {
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= ANSWERS_MAX {
                kept.clear();
            }
            kept.insert(asked.clone(), answer.clone());
        }
        answer
    }
}
