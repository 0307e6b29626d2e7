//! `substring_index`: what stands before or behind the n-th delimiter.

use memchr::memmem;

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[Entry::own(
    "substring_index",
    "substring_index(text, delimiter, count)",
    "What stands before the n-th delimiter, or behind the n-th from the end where the count is negative.",
    Takes::these(&[Param::Text, Param::Text, Param::Int]),
    Gives::Text,
    substring_index,
)
.total()];

fn substring_index(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, delimiter, count) = (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?);
    texts(args.rows(), |row| {
        let (Some(text), Some(delimiter), Some(count)) = (text.get(row), delimiter.get(row), count.get(row)) else {
            return Ok(None);
        };
        Ok(Some(cut(text, delimiter, count)))
    })
}

/// The search goes on one byte behind a delimiter's beginning, so delimiters may overlap, as in Spark.
fn cut<'t>(text: &'t str, delimiter: &str, count: i32) -> &'t str {
    if delimiter.is_empty() || count == 0 {
        return "";
    }
    let (bytes, wanted) = (text.as_bytes(), delimiter.as_bytes());
    if count > 0 {
        let mut from = 0;
        for left in (1..=count).rev() {
            let Some(at) = bytes.get(from..).and_then(|rest| memmem::find(rest, wanted)) else { return text };
            if left == 1 {
                return text.get(..from + at).unwrap_or_default();
            }
            from += at + 1;
        }
    }
    let mut end = bytes.len();
    let mut found = text.len();
    for _ in 0..count.unsigned_abs() {
        let Some(at) = bytes.get(..end).and_then(|rest| memmem::rfind(rest, wanted)) else { return text };
        found = at + wanted.len();
        end = found - 1;
    }
    text.get(found..).unwrap_or_default()
}
