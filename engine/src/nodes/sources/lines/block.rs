//! Many lines in one buffer: what a text column is made from without copying its bytes again.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray, make_view};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::error::ArrowError;

/// Lines one after the other, without their newlines. Always valid UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::nodes) struct TextBlock {
    text: String,
    ends: Vec<usize>,
}

impl TextBlock {
    /// Adds a line.
    pub(in crate::nodes) fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.end_line();
    }

    /// Adds to the line that the next [`Self::end_line`] ends.
    pub(in crate::nodes) fn write(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// Ends the line that was written piece by piece.
    pub(in crate::nodes) fn end_line(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Moves the lines of `other` behind its own.
    pub(in crate::nodes) fn append(&mut self, other: &mut Self) {
        if self.ends.is_empty() {
            std::mem::swap(self, other);
            return;
        }
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        other.clear();
    }

    /// Forgets all lines.
    pub(in crate::nodes) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// How many lines there are.
    pub(in crate::nodes) fn line_count(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all lines.
    pub(in crate::nodes) fn size_bytes(&self) -> usize {
        self.text.len()
    }

    /// The lines.
    pub(in crate::nodes) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(start..*end))
    }

    /// The lines as a column over this block's own buffer.
    pub(in crate::nodes) fn into_column(self) -> Result<ArrayRef, ArrowError> {
        let bytes = self.text.as_bytes();
        let mut views = Vec::with_capacity(self.ends.len());
        let mut start = 0;
        for end in &self.ends {
            let offset = u32::try_from(start).map_err(|_| ArrowError::OffsetOverflowError(start))?;
            views.push(make_view(bytes.get(start..*end).unwrap_or_default(), 0, offset));
            start = *end;
        }
        let buffer = Buffer::from_vec(self.text.into_bytes());
        Ok(Arc::new(StringViewArray::try_new(ScalarBuffer::from(views), vec![buffer], None)?))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use super::*;

    #[test]
    fn a_block_becomes_a_column_of_the_same_lines() {
        let mut block = TextBlock::default();
        let lines = ["", "short", "longer than twelve bytes", "größer", ""];
        for line in lines {
            block.push(line);
        }
        assert_eq!(block.iter().collect::<Vec<_>>(), lines);
        let column = block.into_column().unwrap();
        let column: Vec<_> = column.as_string_view().iter().flatten().collect();
        assert_eq!(column, lines);
    }

    #[test]
    fn appended_lines_follow_the_own_ones() {
        let mut first = TextBlock::default();
        let mut second = TextBlock::default();
        first.push("a");
        second.push("");
        second.push("bc");
        first.append(&mut second);
        assert_eq!(first.iter().collect::<Vec<_>>(), ["a", "", "bc"]);
        assert_eq!(second, TextBlock::default());
    }
}
