//! A few texts that come again and again: a column of them is a list of views into one shared buffer.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use arrow::buffer::ScalarBuffer;
use arrow::error::ArrowError;

use super::skewed::Skewed;

/// Texts and how often each comes.
#[derive(Debug)]
pub(super) struct Pool {
    texts: ArrayRef,
    frequency: Skewed,
}

impl Pool {
    /// Of these texts, the most frequent first.
    pub(super) fn new(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let texts = StringViewArray::from_iter_values(texts);
        let frequency = Skewed::new(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        Self { texts: Arc::new(texts), frequency }
    }

    /// A column with one text per draw.
    pub(super) fn column(&self, draws: impl Iterator<Item = u32>) -> Result<ArrayRef, ArrowError> {
        let texts = self.texts.as_string_view();
        let views: Vec<u128> = draws.map(|draw| texts.views().get(self.index(draw)).copied().unwrap_or(0)).collect();
        Ok(Arc::new(StringViewArray::try_new(ScalarBuffer::from(views), texts.data_buffers().to_vec(), None)?))
    }

    /// Which of the texts a draw stands for.
    pub(super) fn index(&self, draw: u32) -> usize {
        self.frequency.pick(draw)
    }

    /// The text that a draw stands for.
    pub(super) fn text(&self, draw: u32) -> &str {
        let texts = self.texts.as_string_view();
        let index = self.index(draw);
        if index < texts.len() { texts.value(index) } else { "" }
    }
}
