//! Glyphs that are there on every machine: egui's own fonts for Latin text, and behind them a subset of Noto Sans SC
//! with the program's Chinese and the 3,755 common characters. What neither has comes from the system's fonts.

use eframe::egui::{self, FontData, FontFamily};
use eframe::epaint::text::{FontInsert, FontPriority, InsertFontFamily};

/// Made by `assets/fonts/subset.py`.
const CHINESE: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-subset.otf");

/// Puts the bundled fonts behind egui's own. Doing it again costs nothing.
pub fn install(context: &egui::Context) {
    let behind = |family| InsertFontFamily { family, priority: FontPriority::Lowest };
    let families = vec![behind(FontFamily::Proportional), behind(FontFamily::Monospace)];
    context.add_font(FontInsert::new("noto-sans-sc", FontData::from_static(CHINESE), families));
}

#[cfg(test)]
mod tests {
    use eframe::egui::{FontId, RawInput};

    use super::*;

    #[test]
    fn a_bare_machine_shows_every_chinese_word() {
        let context = egui::Context::default();
        install(&context);
        // Fonts come with the first pass.
        context.run_ui(RawInput::default(), |_| {}).textures_delta.clear();
        let mut missing = std::collections::BTreeSet::new();
        context.fonts_mut(|fonts| {
            for font in [FontId::proportional(14.0), FontId::monospace(13.0)] {
                let own = crate::i18n::all_chinese().map(|(key, text)| (key.to_owned(), text.to_owned()));
                for (key, text) in own.chain(crate::sentences::all_chinese()) {
                    missing.extend(
                        text.chars()
                            .filter(|c| {
                                !c.is_whitespace() && *c != char::REPLACEMENT_CHARACTER && !fonts.has_glyph(&font, *c)
                            })
                            .map(|c| format!("{c} in {key}")),
                    );
                }
            }
            assert!(!fonts.has_glyph(&FontId::proportional(14.0), '\u{9F98}'), "the measure can fail");
        });
        assert!(missing.is_empty(), "run assets/fonts/subset.py: {missing:?}");
    }
}
