//! `parse`: reads columns out of lines of text.
//!
//! Every line either gives one row or goes to the `rejected` port with the reason: nothing disappears, and nothing that
//! is there but ill-formed turns into a null. Each format is one file that turns a line into cells; `cells` gives
//! them their types.

mod access_log;
mod cells;
mod csv;
mod json;
mod key_value;
mod node;
mod operator;
mod pattern;

pub use node::KIND;

#[cfg(test)]
mod tests;
