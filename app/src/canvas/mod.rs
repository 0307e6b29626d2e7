//! The canvas: the graph as a picture that can be edited.
//!
//! It owns no graph. Every frame it measures (the document becomes boxes and curves, only when the document changed),
//! interacts (the pointer and the keyboard become actions) and paints, in that order. World units are pixels at 100 %;
//! `view` maps them to the screen, and text is laid out at the size it is shown at, so that it is sharp at any zoom.

mod view;

mod curve;
mod measure;

mod boxes;
mod scene;

mod grip;
mod halo;
mod hit;

mod edits;

mod align;
mod auto_layout;

mod gesture;
mod interact;
mod wiring;

mod access;
mod keyboard;
mod levels;
mod menu;
mod palette_drop;
mod quick_add;
mod refusal;
mod rename;

mod live;
mod problems;
mod text;

mod paint;
mod paint_frame;
mod paint_node;
mod paint_stub;
mod paint_wire;

mod controls;
mod minimap;
mod path_bar;
mod picture;
mod tooltip;

mod widget;

pub(crate) use menu::tint_key;
pub use widget::Canvas;
