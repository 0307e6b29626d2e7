//! The commands and their options, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use weir_engine::spec::{Span, duration};

/// Streaming pipelines, drawn and run.
#[derive(Debug, Parser)]
#[command(name = "weir", version, about, long_about = None, args_conflicts_with_subcommands = true)]
pub(super) struct Cli {
    /// What to do; without it the designer opens.
    #[command(subcommand)]
    pub(super) task: Option<Task>,
    /// A pipeline to open in the designer.
    pub(super) file: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Open a pipeline in the designer.
    Open {
        /// The pipeline's file.
        file: PathBuf,
    },
    /// Run a pipeline without a window.
    Run(RunArgs),
    /// Say what is wrong with a pipeline, without running it.
    Check {
        /// The pipeline's file.
        file: PathBuf,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the kinds of nodes, or explain one.
    Nodes {
        /// The kind to explain, such as `window.sliding`.
        kind: Option<String>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the functions expressions may call, or explain one.
    Functions {
        /// The function to explain, such as `coalesce`.
        name: Option<String>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Draw a pipeline as a picture.
    Draw {
        /// The pipeline's file.
        file: PathBuf,
        /// The SVG file to write; `-` writes to standard output.
        #[arg(short, long, value_name = "PICTURE")]
        output: PathBuf,
    },
}

/// How to run.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The pipeline's file.
    pub(super) file: PathBuf,
    /// Stop after this much time on the run's clock.
    #[arg(long = "for", value_name = "TIME", value_parser = span, group = "stop")]
    pub(super) time: Option<Span>,
    /// Stop after this many batches.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), group = "stop")]
    pub(super) batches: Option<u64>,
    /// Stop when all sources have ended.
    #[arg(long, group = "stop")]
    pub(super) until_done: bool,
    /// When all sources have ended, close the windows that are still open: event time goes to its end.
    #[arg(long)]
    pub(super) flush: bool,
    /// Batches back to back on a virtual clock: the same result every time.
    #[arg(long)]
    pub(super) fast: bool,
    /// Another batch interval than the pipeline's.
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(super) interval: Option<Span>,
    /// Another value of a parameter, by the node's name, or of a setting of the pipeline.
    #[arg(long, value_name = "NODE.PARAM=VALUE|SETTING=VALUE")]
    pub(super) set: Vec<String>,
    /// Print one JSON object per batch and sink, with all rows.
    #[arg(long)]
    pub(super) json: bool,
    /// Write one JSON object per batch with all its metrics.
    #[arg(long, value_name = "FILE")]
    pub(super) metrics: Option<PathBuf>,
    /// Compute threads; one per core unless told otherwise.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
}

fn span(text: &str) -> Result<Span, String> {
    match duration::parse(text)? {
        Span(0) => Err("a duration must be longer than zero".to_owned()),
        span => Ok(span),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }
}
