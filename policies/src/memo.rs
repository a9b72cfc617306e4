//! Answers kept as long as the set is in force and the hour lasts. A decision and a mask are functions of
//! codes and of the moment, and a set never changes once it is accepted, so the same question always has the
//! same answer; another set starts with none. What could not be decided is never kept: it is asked again
//! each time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{PoisonError, RwLock},
};

use crate::Moment;

/// Answers kept of each kind. Nine agencies pairwise, twelve messages and a handful of services in use stay
/// well below; a full table is emptied and fills again.
const ANSWERS_MAX: usize = 8192;

/// The key is the moment and the question: answers of one moment at a time, since questions come as time
/// goes on.
#[derive(Debug)]
pub(crate) struct Memo<K, V>(RwLock<Kept<K, V>>);

#[derive(Debug)]
struct Kept<K, V> {
    at: Option<Moment>,
    answers: HashMap<K, V>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RwLock::new(Kept { at: None, answers: HashMap::new() }))
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Memo<K, V> {
    /// The answer kept for `asked` at this moment, or the one that `decide` gives, kept if `decided` says
    /// that it is one.
    pub(crate) fn get_or(
        &self,
        at: Moment,
        asked: &K,
        decided: fn(&V) -> bool,
        decide: impl FnOnce() -> V,
    ) -> V {
        if let Some(answer) = self.kept(at, asked) {
            return answer;
        }
        let answer = decide();
        if decided(&answer) {
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if kept.at != Some(at) || kept.answers.len() >= ANSWERS_MAX {
                kept.answers.clear();
                kept.at = Some(at);
            }
            kept.answers.insert(asked.clone(), answer.clone());
        }
        answer
    }

    fn kept(&self, at: Moment, asked: &K) -> Option<V> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (kept.at == Some(at)).then(|| kept.answers.get(asked).cloned()).flatten()
    }
}
