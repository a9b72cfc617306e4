//! The words of a list that are nearest to a given one, by edit distance. Only words of the list are ever
//! returned, so the given one is not repeated.

/// Longer texts are no misspelt code; comparing them would cost time for nothing.
const WORD_CHARS_MAX: usize = 48;
/// As many suggestions as a person reads.
const NEAREST_MAX: usize = 3;

/// Up to three words of `list` within reach of `given`, nearest first; letter case does not count. A word is
/// within reach if at most a third of the longer one's letters (and always one) must change.
pub(crate) fn nearest<'a>(given: &str, list: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if given.is_empty() || given.chars().count() > WORD_CHARS_MAX {
        return Vec::new();
    }
    let given = given.to_lowercase();
    let mut found: Vec<(usize, &str)> = Vec::new();
    for word in list {
        let longer = word.chars().count().max(given.chars().count());
        let away = distance(&given, &word.to_lowercase());
        if away <= (longer / 3).max(1) && away < longer {
            found.push((away, word));
        }
    }
    found.sort_unstable();
    found.into_iter().take(NEAREST_MAX).map(|(_, word)| word).collect()
}

/// Levenshtein distance: the fewest letters put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = i + 1;
        next.push(left);
        for ((to, above_left), above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let change = above_left + usize::from(from != *to);
            left = change.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
