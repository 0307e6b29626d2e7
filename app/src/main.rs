//! The `weir` program: a command of the command line, else the designer.

use std::process::ExitCode;

use weir::cli::Started;

fn main() -> ExitCode {
    match weir::cli::start() {
        Started::Ended(exit) => exit.into(),
        Started::Designer(file) => weir::window::open(file),
    }
}
