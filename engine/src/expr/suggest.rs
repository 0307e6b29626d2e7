//! 'Did you mean': the nearest of the names that exist.

/// The candidate nearest to `name` by edit distance, ignoring case; `None` where all are too far to be a slip of the
/// fingers. Of equally near ones the first wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.to_lowercase().chars().take(128).collect();
    let furthest = if name.len() <= 3 { 1 } else { name.len() / 3 + 1 };
    candidates
        .into_iter()
        .map(|candidate| (distance(&name, candidate), candidate))
        .filter(|(distance, _)| *distance <= furthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(name: &[char], other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().take(128).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, &left) in name.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &right) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(left != right);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == other[j - 1] && name[i - 1] == right {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(name.len())
}
