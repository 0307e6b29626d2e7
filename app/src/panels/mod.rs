//! The panels around the canvas: palette, problems, data, log, welcome.
