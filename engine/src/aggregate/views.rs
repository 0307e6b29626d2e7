//! Arrow's views of texts, and blocks of one's own that they point into.
//!
//! A view of a text of at most twelve bytes holds all of it; a longer one holds its length, its first four bytes, and
//! where it lies: block and offset, 32 bits each.

use std::ops::Deref;

use arrow::array::builder::make_view;
use arrow::buffer::Buffer;

use super::AggregateError;

/// Longest text that a view holds by itself.
pub(super) const INLINE: u32 = 12;
/// Bytes of the first block, unless a text is longer; each further one is twice as large ...
const FIRST_BLOCK: usize = 4 << 10;
/// ... so many times: few texts should not hold much, many not lie in many blocks.
const DOUBLINGS: usize = 8;

/// Texts that are too long for their views.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Vec<u8>>,
    bytes: usize,
}

impl Blocks {
    /// Copies a long text and gives a view of it.
    pub(super) fn keep(&mut self, text: &[u8]) -> Result<u128, AggregateError> {
        if self.blocks.last().is_none_or(|block| block.len() + text.len() > block.capacity()) {
            let size = FIRST_BLOCK << self.blocks.len().min(DOUBLINGS);
            self.blocks.push(Vec::with_capacity(size.max(text.len())));
        }
        let number = |value: usize| {
            u32::try_from(value)
                .map_err(|_| AggregateError("a text of more than 4 GiB cannot be remembered".to_owned()))
        };
        let at = number(self.blocks.len() - 1)?;
        let Some(block) = self.blocks.last_mut() else { return Ok(0) };
        let offset = number(block.len())?;
        block.extend_from_slice(text);
        self.bytes += text.len();
        Ok(make_view(text, at, offset))
    }

    /// The same text as another's view, in these blocks.
    pub(super) fn adopt<B: Deref<Target = [u8]>>(&mut self, view: u128, others: &[B]) -> Result<u128, AggregateError> {
        if length(view) <= INLINE { Ok(view) } else { self.keep(text(view, others)) }
    }

    /// The blocks, to read views by.
    pub(super) fn blocks(&self) -> &[Vec<u8>] {
        &self.blocks
    }

    /// Bytes of all texts ever kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The blocks as a view array has them.
    pub(super) fn into_buffers(self) -> Vec<Buffer> {
        self.blocks.into_iter().map(Buffer::from_vec).collect()
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.blocks.iter().map(Vec::capacity).sum()
    }
}

/// The length of a view's text.
pub(super) fn length(view: u128) -> u32 {
    quarter(view, 0)
}

/// Bytes of a view's text that lie in a block.
pub(super) fn outside(view: u128) -> usize {
    let length = length(view);
    if length <= INLINE { 0 } else { length as usize }
}

/// The text that a view of more than twelve bytes points to.
pub(super) fn text<B: Deref<Target = [u8]>>(view: u128, blocks: &[B]) -> &[u8] {
    let (block, offset) = (quarter(view, 2) as usize, quarter(view, 3) as usize);
    // What stands in the place of a null may point anywhere.
    blocks.get(block).and_then(|block| block.get(offset..offset + length(view) as usize)).unwrap_or_default()
}

/// One of the four numbers that a view is made of.
#[expect(clippy::cast_possible_truncation, reason = "32 bits are what is asked for")]
fn quarter(view: u128, at: u32) -> u32 {
    (view >> (32 * at)) as u32
}
