//! The word of a list that was probably meant. Only words of the list are returned, never the given one.

/// Longer texts are no misspelt setting; comparing them would cost time for nothing.
const WORD_CHARS_MAX: usize = 64;

/// The nearest word, if at most a third of the longer one's letters (and always one) must change.
pub fn nearest<'a>(given: &str, list: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if given.is_empty() || given.chars().count() > WORD_CHARS_MAX {
        return None;
    }
    let given = given.to_lowercase();
    let within_reach = |word: &'a str| {
        let longer = word.chars().count().max(given.chars().count());
        let away = distance(&given, &word.to_lowercase());
        (away <= (longer / 3).max(1) && away < longer).then_some((away, word))
    };
    list.into_iter().filter_map(within_reach).min().map(|(_, word)| word)
}

/// Levenshtein distance: the fewest letters put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for ((to, above_left), above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let change = above_left + usize::from(from != *to);
            left = change.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
