//! Fuzzy search: the letters of the query in order, the best fits first.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// The positions of the items that match, best first; all in their own order for an empty query. Each item is several
/// texts (a title, an id); the best of them counts.
pub fn ranked<'a, T: IntoIterator<Item = &'a str>>(items: impl Iterator<Item = T>, query: &str) -> Vec<usize> {
    let query = query.trim();
    let matcher = SkimMatcherV2::default().ignore_case();
    let mut hits: Vec<(i64, usize)> = items
        .enumerate()
        .filter_map(|(index, texts)| {
            if query.is_empty() {
                return Some((0, index));
            }
            texts.into_iter().filter_map(|text| matcher.fuzzy_match(text, query)).max().map(|score| (score, index))
        })
        .collect();
    hits.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
    hits.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_find_and_the_best_fit_comes_first() {
        let items = [["Sliding window"], ["Save as"], ["Save"], ["Undo"]];
        let found = |query: &str| ranked(items.iter().map(|item| item.iter().copied()), query);
        assert_eq!(found("slw"), [0]);
        assert_eq!(found("save").len(), 2);
        assert_eq!(found(""), [0, 1, 2, 3]);
        assert!(found("xyz").is_empty());
    }

    #[test]
    fn chinese_is_found_too() {
        let items = [["运行"], ["停止运行"]];
        assert_eq!(ranked(items.iter().map(|item| item.iter().copied()), "停止"), [1]);
    }
}
