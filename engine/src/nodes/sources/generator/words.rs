//! Lines of made-up text: words of fixed slots in one table, copied into one buffer per chunk.
//!
//! Each word lies in a slot of 16 bytes behind which its space follows, so writing a word is one fixed-size copy; the
//! next one overwrites the slack. No word is formatted or validated on its own.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray, make_view};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::error::ArrowError;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::skewed::Skewed;

const SLOT_BYTES: usize = 16;

/// The most frequent words, shortest first as in any language.
const COMMON: &[&str] = &[
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not", "he",
    "this", "are", "or", "his", "from", "at", "which", "but", "have", "an", "had", "they", "you", "were", "their",
    "one", "all", "we", "can", "her", "has", "there", "been", "if", "more", "when", "will", "would", "who", "so", "no",
    "river", "stream", "water", "stone", "bridge", "mill", "weir", "bank", "flow", "rain", "sea", "boat", "fish",
    "light", "morning",
];

/// All words and how often each comes.
#[derive(Debug)]
pub(super) struct Vocabulary {
    slots: Vec<[u8; SLOT_BYTES]>,
    /// Bytes of each word with its space.
    lengths: Vec<u8>,
    frequency: Skewed,
}

impl Vocabulary {
    /// Of `count` different words.
    pub(super) fn new(count: usize) -> Self {
        let common: HashSet<&str> = COMMON.iter().copied().collect();
        let made_up = (0u32..).map(made_up_word).filter(|word| !common.contains(word.as_str()));
        let words = COMMON.iter().map(|word| (*word).to_owned()).chain(made_up).take(count.max(1));
        let (mut slots, mut lengths) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for word in words {
            let mut slot = [b' '; SLOT_BYTES];
            let length = word.len().min(SLOT_BYTES - 1);
            for (to, from) in slot.iter_mut().zip(word.bytes().take(length)) {
                *to = from;
            }
            slots.push(slot);
            lengths.push(u8::try_from(length + 1).unwrap_or(0));
        }
        let frequency = Skewed::new(u32::try_from(slots.len()).unwrap_or(u32::MAX));
        Self { slots, lengths, frequency }
    }

    /// `line_count` lines of `words_per_line` words, one draw each.
    pub(super) fn lines(
        &self,
        rng: &mut ChaCha8Rng,
        line_count: usize,
        words_per_line: usize,
    ) -> Result<ArrayRef, ArrowError> {
        let mut bytes = vec![0u8; line_count * words_per_line * SLOT_BYTES];
        let mut views = Vec::with_capacity(line_count);
        let mut end = 0;
        for _ in 0..line_count {
            let start = end;
            for _ in 0..words_per_line {
                let word = self.frequency.pick(rng.next_u32());
                let (Some(slot), Some(length)) = (self.slots.get(word), self.lengths.get(word)) else { continue };
                if let Some(place) = bytes.get_mut(end..end + SLOT_BYTES) {
                    place.copy_from_slice(slot);
                }
                end += usize::from(*length);
            }
            let line = bytes.get(start..end.max(start + 1) - 1).unwrap_or_default();
            views.push(make_view(line, 0, u32::try_from(start).map_err(|_| ArrowError::OffsetOverflowError(start))?));
        }
        bytes.truncate(end);
        bytes.shrink_to_fit();
        Ok(Arc::new(StringViewArray::try_new(ScalarBuffer::from(views), vec![Buffer::from_vec(bytes)], None)?))
    }
}

/// Syllables of two letters each: a number's digits, so no two numbers give the same word.
fn made_up_word(number: u32) -> String {
    const SYLLABLES: &[&str; 32] = &[
        "ba", "de", "fi", "go", "lu", "ma", "ne", "ri", "so", "tu", "va", "ke", "li", "no", "pa", "re", "si", "to",
        "bu", "da", "fe", "gi", "lo", "mu", "na", "po", "ra", "se", "ti", "vo", "ka", "le",
    ];
    let mut word = String::new();
    let mut rest = number as usize + SYLLABLES.len();
    while rest > 0 {
        word.push_str(SYLLABLES.get(rest % SYLLABLES.len()).copied().unwrap_or_default());
        rest /= SYLLABLES.len();
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_are_the_same() {
        let vocabulary = Vocabulary::new(100_000);
        let distinct: HashSet<_> = vocabulary.slots.iter().collect();
        assert_eq!(distinct.len(), 100_000);
        assert!(vocabulary.lengths.iter().all(|length| (2..=16).contains(length)));
    }

    #[test]
    fn the_largest_vocabulary_still_fits_its_slots() {
        assert!(made_up_word(2_000_000).len() < SLOT_BYTES);
    }
}
