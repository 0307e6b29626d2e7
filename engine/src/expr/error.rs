//! The one error of expressions, and how the libraries' errors become sentences.

use std::ops::Range;

use arrow::error::ArrowError;
use datafusion_common::DataFusionError;

/// Why an expression is refused, or failed on a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// What is wrong and what to do.
    pub message: String,
    /// The place in the source, in bytes, where known.
    pub at: Option<Range<usize>>,
}

impl ExprError {
    /// An error without a place.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    /// The same at a place.
    pub(super) fn at(mut self, range: Option<Range<usize>>) -> Self {
        self.at = range;
        self
    }

    /// From planning or evaluating: without the libraries' prefixes and traces.
    pub(super) fn from_datafusion(error: &DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ArrowError(error, _) => Self::from_arrow(error),
            root => {
                let message = root.message();
                Self::new(first_paragraph(&message))
            }
        }
    }

    /// From a kernel.
    pub(super) fn from_arrow(error: &ArrowError) -> Self {
        let text = error.to_string();
        match error {
            ArrowError::DivideByZero => Self::new("division by zero; guard it with `nullif(divisor, 0)`"),
            ArrowError::ArithmeticOverflow(what) => {
                Self::new(format!("a number grew too large: {}; cast to a wider type first", first_paragraph(what)))
            }
            ArrowError::CastError(what)
            | ArrowError::ComputeError(what)
            | ArrowError::InvalidArgumentError(what)
            | ArrowError::ParseError(what) => Self::new(first_paragraph(what)),
            ArrowError::NotYetImplemented(_)
            | ArrowError::ExternalError(_)
            | ArrowError::SchemaError(_)
            | ArrowError::MemoryError(_)
            | ArrowError::CsvError(_)
            | ArrowError::JsonError(_)
            | ArrowError::AvroError(_)
            | ArrowError::IoError(_, _)
            | ArrowError::IpcError(_)
            | ArrowError::ParquetError(_)
            | ArrowError::CDataInterface(_)
            | ArrowError::DictionaryKeyOverflowError
            | ArrowError::RunEndIndexOverflowError
            | ArrowError::OffsetOverflowError(_) => Self::new(first_paragraph(&text)),
        }
    }
}

/// Library messages may go on with traces or candidate lists; the sentence is what stands first.
fn first_paragraph(message: &str) -> String {
    let end = message.find("\n\n").unwrap_or(message.len());
    let line = message[..end].split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    line.trim_end_matches(['.', ' ']).to_owned()
}
