//! The `weir` program: a command of the command line, else the designer.

use std::process::ExitCode;

use weir::cli::Started;

/// Every batch and every frame takes buffers and gives them back. The system's allocator returns large ones to the
/// kernel each time, which then clears them anew: a sixth of a frame's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match weir::cli::start() {
        Started::Ended(exit) => exit.into(),
        Started::Designer(file) => weir::window::open(file),
    }
}
