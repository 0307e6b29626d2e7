//! How wide texts are at 100 %, remembered: measuring five hundred titles on every edit would cost a frame.

use std::collections::HashMap;

use eframe::egui::{self, FontFamily, FontId};

/// Size of a node's name, in world units.
pub(crate) const TITLE_SIZE: f32 = 14.0;
/// Size of the kind's title and of port labels.
pub(crate) const SMALL_SIZE: f32 = 11.5;
/// Size of live numbers.
pub(crate) const NUMBER_SIZE: f32 = 11.0;
/// Texts remembered before all are forgotten.
const MAX_TEXTS: usize = 8_192;

/// Remembered widths.
#[derive(Debug, Default)]
pub(crate) struct Measure {
    widths: HashMap<(String, u32), f32>,
}

impl Measure {
    /// The width of a line of text at a size, in world units.
    pub(crate) fn width(&mut self, ui: &egui::Ui, text: &str, size: f32) -> f32 {
        let key = (text.to_owned(), size.to_bits());
        if let Some(width) = self.widths.get(&key) {
            return *width;
        }
        if self.widths.len() >= MAX_TEXTS {
            self.widths.clear();
        }
        let font = FontId::new(size, FontFamily::Proportional);
        let galley = ui.painter().layout_no_wrap(text.to_owned(), font, ui.visuals().text_color());
        let width = galley.size().x;
        self.widths.insert(key, width);
        width
    }

    /// Forgets everything: other fonts may be in force.
    pub(crate) fn clear(&mut self) {
        self.widths.clear();
    }
}
