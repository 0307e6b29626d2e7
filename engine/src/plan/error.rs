//! Why a node could not do its work while running.

/// Whose fault it is: it decides the wording and whether waiting can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The pipeline asks for something impossible: a person must change it.
    Pipeline,
    /// The data does not fit what the pipeline expects.
    Data,
    /// Something outside is missing, full or silent: trying again may help.
    Environment,
    /// Weir itself is wrong.
    Weir,
}

/// A failure of one node in one batch. It stops that node and what is downstream of it, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NodeError {
    /// Whose fault it is.
    pub fault: Fault,
    /// What happened and what to do about it, in one or two sentences.
    pub message: String,
}

impl NodeError {
    /// The pipeline must be changed.
    pub fn pipeline(message: impl Into<String>) -> Self {
        Self { fault: Fault::Pipeline, message: message.into() }
    }

    /// The data does not fit.
    pub fn data(message: impl Into<String>) -> Self {
        Self { fault: Fault::Data, message: message.into() }
    }

    /// Something outside is wrong.
    pub fn environment(message: impl Into<String>) -> Self {
        Self { fault: Fault::Environment, message: message.into() }
    }

    /// Weir is wrong.
    pub fn weir(message: impl Into<String>) -> Self {
        Self { fault: Fault::Weir, message: message.into() }
    }
}

impl From<arrow::error::ArrowError> for NodeError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::data(error.to_string())
    }
}
