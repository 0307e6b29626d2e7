//! Where rows go: one file per kind, with its parts in a folder of the same name.

pub mod alert;
pub mod chart;
pub mod console;
pub mod file;
pub mod null;
pub mod socket;
pub mod sql;
pub mod table;

mod encode;
mod shown;
