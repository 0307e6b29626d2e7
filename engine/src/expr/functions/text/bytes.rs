//! Arguments that are text or binary, as bytes.

use arrow::array::BinaryArray;

use crate::expr::args::Texts;
use crate::expr::functions::prelude::*;

/// The bytes of a text or of binary.
pub(super) enum Bytes {
    /// Of a text.
    Text(Texts),
    /// Of binary.
    Binary(BinaryArray),
}

impl Bytes {
    /// An argument's.
    pub(super) fn of(args: &Args<'_>, index: usize) -> Result<Self, ExprError> {
        match args.array_type(index)? {
            DataType::Binary => Ok(Self::Binary(args.array(index)?.as_binary().clone())),
            _ => args.text(index).map(Self::Text),
        }
    }

    /// A row's; `None` is null.
    pub(super) fn get(&self, row: usize) -> Option<&[u8]> {
        match self {
            Self::Text(texts) => texts.get(row).map(str::as_bytes),
            Self::Binary(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

/// A text for the bytes of each row of the first argument.
pub(super) fn texts_of(args: &Args<'_>, write: impl Fn(&[u8]) -> String) -> Result<ArrayRef, ExprError> {
    let bytes = Bytes::of(args, 0)?;
    texts(args.rows(), |row| Ok(bytes.get(row).map(&write)))
}
