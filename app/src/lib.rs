//! Weir's designer and command line.
//!
//! Views read [`state::AppState`] and answer with [`action::Action`]s; only [`app::WeirApp`] applies those. No view
//! changes the document itself, and nothing here names a node kind: all comes from the kind's one definition.

pub mod action;
pub mod app;
pub mod canvas;
pub mod cli;
pub mod command;
mod counters;
pub mod draw;
pub mod drawing;
pub mod edits;
pub mod files;
pub mod fonts;
mod glimpsed;
pub mod i18n;
pub mod inspector;
pub mod jobs;
pub mod live;
pub mod panels;
pub mod plots;
pub mod samples;
pub mod sentences;
pub mod settings;
pub mod staged;
pub mod state;
pub mod theme;
pub mod timeline;
pub mod widgets;
pub mod window;
