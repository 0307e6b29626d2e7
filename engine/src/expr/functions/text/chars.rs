//! Places in text as Spark counts them: in characters, from 1, from the end where negative.

/// The longest text that is made of nothing but a number: as long as the longest line.
const MAX_LENGTH: i64 = 1 << 20;

/// The byte at which a character begins; the end of the text where there are fewer.
pub(super) fn byte_of(text: &str, character: usize) -> usize {
    if text.is_ascii() {
        return character.min(text.len());
    }
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}

/// How many characters a text has.
pub(super) fn count(text: &str) -> i64 {
    let count = if text.is_ascii() { text.len() } else { text.chars().count() };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A number of characters as a 32-bit number, which every length and place is in Spark.
pub(super) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// `length` characters from `start` on. A start of 0 is the first character, a negative one counts from the end and may
/// lie before the beginning: what lies there counts into the length.
pub(super) fn slice(text: &str, start: i64, length: i64) -> &str {
    let first = match start {
        0 => 0,
        start if start > 0 => start - 1,
        start => count(text) + start,
    };
    let end = first.saturating_add(length);
    if end <= first || end <= 0 {
        return "";
    }
    let at = |character: i64| byte_of(text, usize::try_from(character).unwrap_or(0));
    text.get(at(first.max(0))..at(end)).unwrap_or_default()
}

/// Refuses a result that would be too long: a slip of the finger in `repeat(word, n)` must fail on its row, not take
/// the machine's memory.
pub(super) fn check_length(length: i64) -> Result<(), crate::expr::ExprError> {
    if length > MAX_LENGTH {
        let what = format!("a text of the length {length} is asked for, {MAX_LENGTH} is the longest allowed");
        return Err(crate::expr::ExprError::new(what));
    }
    Ok(())
}
