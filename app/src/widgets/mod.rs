//! Small widgets every panel shares.

mod duration;
mod empty;
mod fuzzy;
mod icon;
mod keys;
mod search;

pub use duration::{IntervalSlider, SliderStep};
pub use empty::empty_state;
pub use fuzzy::ranked;
pub use icon::{Icon, paint_kind};
pub use keys::keys_text;
pub use search::search_field;
