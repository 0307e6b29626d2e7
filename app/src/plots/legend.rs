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

/// Values that all have the same unit, with the unit behind the last one only: three of them are to fit.
pub(super) fn one_unit(mut values: Vec<String>) -> Vec<String> {
    let units: Vec<_> = values.iter().map(|value| value.split_once(' ').map(|(_, unit)| unit.to_owned())).collect();
    let Some((Some(last), others)) = units.split_last() else { return values };
    if others.iter().all(|unit| unit.as_ref() == Some(last)) {
        let count = others.len();
        for value in values.iter_mut().take(count) {
            value.truncate(value.len() - last.len() - 1);
        }
    }
    values
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
    fn a_unit_that_all_values_have_stands_once() {
        let told = |values: &[&str]| one_unit(values.iter().map(|value| (*value).to_owned()).collect()).join(", ");
        assert_eq!(told(&["487 ms", "938 ms", "987 ms"]), "487, 938, 987 ms");
        assert_eq!(told(&["487 ms", "938 ms", "1.2 s"]), "487 ms, 938 ms, 1.2 s");
        assert_eq!(told(&["—", "3 ms"]), "—, 3 ms");
        assert_eq!(told(&["3 ms"]), "3 ms");
        assert_eq!(told(&["34k", "35k"]), "34k, 35k");
    }

    #[test]
    fn the_legend_names_as_many_as_fit_and_always_the_costliest() {
        assert_eq!(fitting(&[60.0, 50.0, 40.0], 150.0, 20.0), 3);
        assert_eq!(fitting(&[60.0, 50.0, 41.0], 150.0, 20.0), 2, "the third gives way to the count of the others");
        assert_eq!(fitting(&[200.0, 50.0], 100.0, 20.0), 1);
        assert_eq!(fitting(&[], 100.0, 20.0), 0);
    }
}
