//! Where a command writes, and how it ends.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// The streams of a command.
pub struct Console<'a> {
    /// For what the command gives.
    pub out: &'a mut dyn Write,
    /// For what is said about it.
    pub err: &'a mut dyn Write,
    /// Whether Ctrl+C ends a run in good order; only one console of a process may.
    pub catches_interrupts: bool,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// The pipeline or its run failed.
    Failed,
    /// It was not understood.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Usage => Self::from(2),
        }
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum CliError {
    /// What was asked makes no sense.
    Usage(String),
    /// It could not be done.
    Failed(String),
    /// Nobody reads any more, or the disk is full.
    Output(io::Error),
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) | Self::Failed(sentence) => f.write_str(sentence),
            Self::Output(error) => write!(f, "the output could not be written: {error}"),
        }
    }
}

impl CliError {
    /// Tells the person, unless the reader of a pipe has merely had enough (`weir run ... | head`).
    pub(super) fn tell(&self, console: &mut Console<'_>) -> Exit {
        let exit = match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Exit::Done,
            Self::Usage(_) => Exit::Usage,
            Self::Failed(_) | Self::Output(_) => Exit::Failed,
        };
        // If standard error is gone too there is nobody left to tell.
        let _ = writeln!(console.err, "{self}");
        exit
    }
}
