//! What must hold of files.

mod disk;
mod examples;
mod properties;
mod random;
