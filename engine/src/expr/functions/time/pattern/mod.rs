//! Patterns of dates and times: `yyyy-MM-dd HH:mm:ss`, as Spark reads them.
//!
//! A pattern is a list of [`Item`]s, read once; `write` shows a time by it, `read` makes a time of a text. Letters Spark
//! refuses (weeks and what depends on them) are refused here as well. Names are English, as in Spark by default.

mod item;
mod names;
mod read;
mod write;

pub(in crate::expr) use item::Pattern;
pub(in crate::expr::functions) use item::Patterns;

#[cfg(test)]
mod tests;
