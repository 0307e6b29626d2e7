//! What must hold of files.

mod disk;
mod examples;
mod folding;
mod properties;
mod random;
