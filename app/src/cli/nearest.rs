//! What a person probably meant: the name nearest to a mistyped one.

/// The nearest of these names, as the end of a sentence; empty if none is near.
pub(super) fn suggestion<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let reach = (typed.chars().count() / 3).max(2);
    names
        .into_iter()
        .map(|name| (distance(&typed.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= reach)
        .min()
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// How many letters must be added, removed or changed to make one of the other (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<_> = right.chars().collect();
    let mut row: Vec<_> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = index;
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_and_nonsense_finds_none() {
        assert_eq!(suggestion("cuonts", ["words", "counts"]), "; did you mean `counts`?");
        assert_eq!(suggestion("Rate", ["rate"]), "; did you mean `rate`?");
        assert_eq!(suggestion("elephant", ["words", "counts"]), "");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
