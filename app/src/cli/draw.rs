//! `weir draw`: the graph as a picture, from the document alone.

use std::fs;
use std::path::Path;

use weir_engine::analysis::analyse;
use weir_engine::format;

use super::check;
use super::console::{CliError, Console, Exit};

/// Writes the picture to a file, or to standard output if that is `-`.
pub(super) fn draw(file: &Path, output: &Path, console: &mut Console<'_>) -> Result<Exit, CliError> {
    let loaded = format::open(file).map_err(|error| CliError::Failed(check::in_file(file, &error)))?;
    let picture = crate::draw::svg(&loaded.pipeline, &analyse(&loaded.pipeline, &check::folder_of(file)), None);
    if output == Path::new("-") {
        console.out.write_all(picture.as_bytes())?;
    } else {
        fs::write(output, picture)
            .map_err(|error| CliError::Failed(format!("{} cannot be written: {error}", output.display())))?;
    }
    Ok(Exit::Done)
}
