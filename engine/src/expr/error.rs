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
    /// The end of the message that says what to do, where there is such a part.
    advice: Option<&'static str>,
}

impl ExprError {
    /// An error without a place.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None, advice: None }
    }

    /// An error with a word on what to do about it.
    pub(super) fn advising(what: impl std::fmt::Display, advice: &'static str) -> Self {
        Self { advice: Some(advice), ..Self::new(format!("{what}; {advice}")) }
    }

    /// A divisor was zero.
    pub(super) fn division_by_zero() -> Self {
        Self::advising("division by zero", "guard it with `nullif(divisor, 0)`")
    }

    /// A number has no room in its type, which is told by its name.
    pub(super) fn overflow(data_type: &str) -> Self {
        let what = format!("a number grew too large for {data_type}");
        Self::advising(what, "cast to a wider type first, or use the function's `try_` form")
    }

    /// The same at a place.
    pub(crate) fn at(mut self, range: Option<Range<usize>>) -> Self {
        self.at = range;
        self
    }

    /// What is wrong, without the word on what to do: for a column beside the row it speaks of.
    pub fn cause(&self) -> &str {
        let cause = self.advice.and_then(|advice| self.message.strip_suffix(advice)?.strip_suffix("; "));
        cause.unwrap_or(&self.message)
    }

    /// From planning or evaluating: without the libraries' prefixes and traces.
    pub(super) fn from_datafusion(error: &DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ArrowError(error, _) => Self::from_arrow(error),
            DataFusionError::External(error) if error.is::<Self>() => {
                error.downcast_ref::<Self>().cloned().unwrap_or_else(|| Self::new(error.to_string()))
            }
            root => {
                let message = root.message();
                Self::new(first_paragraph(&message))
            }
        }
    }

    /// Through the library's code and back: what `from_datafusion` finds again.
    pub(super) fn carried(self) -> DataFusionError {
        DataFusionError::External(Box::new(self))
    }

    /// From a kernel.
    pub(super) fn from_arrow(error: &ArrowError) -> Self {
        let text = error.to_string();
        match error {
            ArrowError::DivideByZero => Self::division_by_zero(),
            ArrowError::ArithmeticOverflow(what) => {
                let what = format!("a number grew too large: {}", first_paragraph(what));
                Self::advising(what, "cast to a wider type first")
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

impl From<ArrowError> for ExprError {
    fn from(error: ArrowError) -> Self {
        Self::from_arrow(&error)
    }
}

/// Library messages may go on with traces or candidate lists; the sentence is what stands first.
fn first_paragraph(message: &str) -> String {
    let end = message.find("\n\n").unwrap_or(message.len());
    let line = message[..end].split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    line.trim_end_matches(['.', ' ']).to_owned()
}
