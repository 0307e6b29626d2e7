//! Patterns of file names: `*` stands for any characters, `?` for one, everything else for itself.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<char>);

impl Pattern {
    /// Any text is a pattern.
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().collect())
    }

    /// Whether the whole name fits. At a mismatch only the last `*` need take one more character: an earlier one could
    /// not do better. So the steps are at most the product of both lengths.
    pub(super) fn fits(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut next) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while at < name.len() {
            match self.0.get(next) {
                Some('*') => {
                    last_star = Some((next, at));
                    next += 1;
                }
                Some(wanted) if *wanted == '?' || name.get(at) == Some(wanted) => {
                    next += 1;
                    at += 1;
                }
                Some(_) | None => {
                    let Some((star, from)) = last_star else { return false };
                    last_star = Some((star, from + 1));
                    (next, at) = (star + 1, from + 1);
                }
            }
        }
        self.0.iter().skip(next).all(|rest| *rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=name.len()).any(|skipped| naive(rest, &name[skipped..])),
            (['?', pattern @ ..], [_, name @ ..]) => naive(pattern, name),
            ([wanted, pattern @ ..], [found, name @ ..]) => wanted == found && naive(pattern, name),
            (_, _) => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_fits_as_its_words_say(pattern in "[ab*?]{0,6}", name in "[ab*ä]{0,8}") {
            let (letters, characters): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(Pattern::new(&pattern).fits(&name), naive(&letters, &characters));
        }
    }

    #[test]
    fn many_stars_do_not_take_long() {
        let pattern = Pattern::new(&"a*".repeat(200));
        assert!(!pattern.fits(&format!("{}b", "a".repeat(199))));
        assert!(Pattern::new("*.csv").fits("a.csv") && !Pattern::new("*.csv").fits("a.CSV"));
    }
}
