//! What the colours of a plot stand for, beside its title: as many as fit, the others where the pointer rests.

use eframe::egui::{self, Color32, RichText, vec2};

/// The dot before a name.
const DOT: f32 = 8.0;
/// Between a dot and its text, and between two entries.
const GAP: f32 = 6.0;

/// Draws the entries, each a colour and a text.
pub(super) fn ui(ui: &mut egui::Ui, entries: &[(Color32, String)], color: Color32) {
    ui.spacing_mut().item_spacing.x = GAP;
    let font = egui::TextStyle::Small.resolve(ui.style());
    let width = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), color).size().x;
    let widths: Vec<f32> = entries.iter().map(|(_, text)| width(text) + DOT + 2.0 * GAP).collect();
    let shown = fitting(&widths, ui.available_width(), width("+99") + GAP);
    for (dot_color, text) in entries.iter().take(shown) {
        let (dot, _) = ui.allocate_exact_size(vec2(DOT, DOT), egui::Sense::hover());
        ui.painter().circle_filled(dot.center(), 3.5, *dot_color);
        let label = egui::Label::new(RichText::new(text).small().color(color)).truncate();
        ui.add(label).on_hover_text(text);
    }
    if shown < entries.len() {
        let rest: Vec<&str> = entries.iter().skip(shown).map(|(_, text)| text.as_str()).collect();
        let text = RichText::new(format!("+{}", rest.len())).small().color(color);
        ui.label(text).on_hover_text(rest.join("\n"));
    }
}

/// How many of the entries fit, at least one; `more` is the room that the count of the others takes.
fn fitting(widths: &[f32], room: f32, more: f32) -> usize {
    if widths.iter().sum::<f32>() <= room {
        return widths.len();
    }
    let mut left = room - more;
    let mut count = 0;
    for width in widths {
        left -= width;
        if left < 0.0 {
            break;
        }
        count += 1;
    }
    count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legend_names_as_many_as_fit_and_always_the_costliest() {
        assert_eq!(fitting(&[60.0, 50.0, 40.0], 150.0, 20.0), 3);
        assert_eq!(fitting(&[60.0, 50.0, 41.0], 150.0, 20.0), 2, "the third gives way to the count of the others");
        assert_eq!(fitting(&[200.0, 50.0], 100.0, 20.0), 1);
        assert_eq!(fitting(&[], 100.0, 20.0), 0);
    }
}
