//! The signs on small buttons and beside sentences: glyphs of the bundled monospace font, so that they show on a machine
//! without any fonts of its own.

use eframe::egui::RichText;

pub(super) const RESET: &str = "↺";
pub(super) const UP: &str = "↑";
pub(super) const DOWN: &str = "↓";
pub(super) const EARLIER: &str = "←";
pub(super) const REMOVE: &str = "×";
pub(super) const ADD: &str = "+";
pub(super) const LIST: &str = "▾";
pub(super) const BROWSE: &str = "…";
pub(super) const ERROR: &str = "⊗";
pub(super) const WARNING: &str = "△";
pub(super) const INFO: &str = "•";

/// Size of signs.
const SIZE: f32 = 14.0;
/// Size of small code. (`RichText::small` would choose another font, too.)
pub(super) const SMALL: f32 = 11.0;

/// A sign in the font that has it.
pub(super) fn sign(sign: &str) -> RichText {
    RichText::new(sign).monospace().size(SIZE)
}
