//! The one integration-test binary: everything that needs the designer or the whole program.

mod cli;
mod plots;
