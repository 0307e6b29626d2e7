//! Bounds what is as long as a number says: a slip of the finger in `repeat(word, n)` must fail on its row, not take
//! the machine's memory.

use crate::expr::ExprError;

/// The longest text or list that is made of nothing but a number: as long as the longest line.
const MAX_LENGTH: i64 = 1 << 20;

/// The length as a size; an error where it is beyond the bound. Negative lengths are none.
pub(in crate::expr) fn bounded_length(length: i64) -> Result<usize, ExprError> {
    if length > MAX_LENGTH {
        let what = format!("a result of the length {length} is asked for, {MAX_LENGTH} is the longest allowed");
        return Err(ExprError::new(what));
    }
    Ok(usize::try_from(length).unwrap_or(0))
}
