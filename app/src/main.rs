//! The `weir` program: without a command it is the designer.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Designs, runs and watches streaming pipelines.
#[derive(Debug, Parser)]
#[command(name = "weir", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// A pipeline to open in the designer.
    file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Opens a pipeline in the designer.
    Open {
        /// The pipeline's file.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        None => weir::window::open(arguments.file),
        Some(Command::Open { file }) => weir::window::open(Some(file)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_file_may_be_named_with_and_without_the_command() {
        let bare = Arguments::parse_from(["weir", "a.weir.json"]);
        assert_eq!(bare.file, Some("a.weir.json".into()));
        let named = Arguments::parse_from(["weir", "open", "a.weir.json"]);
        assert!(matches!(named.command, Some(Command::Open { file }) if file == PathBuf::from("a.weir.json")));
    }
}
