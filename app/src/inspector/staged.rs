//! A change that waits for the person's word, at the parameter it was made at: what it would cost, and both answers.

use eframe::egui::{self, Frame, RichText};
use weir_engine::pipeline::Pipeline;

use super::field::Field;
use super::figures;
use super::touch::Touch;
use crate::action::Action;
use crate::i18n::{tr, trf};
use crate::sentences::spoken;
use crate::staged::Loss;

/// What would be lost, of whom, and why.
pub(crate) fn loss_sentence(pipeline: &Pipeline, loss: &Loss) -> String {
    let (rows, size) = (figures::count(loss.rows), figures::bytes(loss.bytes));
    let name = pipeline.node(loss.node).map_or("", |node| node.name.as_str());
    trf("staged.loss", &[("node", name), ("rows", &rows), ("size", &size), ("why", &spoken(&loss.why))])
}

/// Draws the question; nothing where none is asked.
pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    let asked = field.context.staged.filter(|staged| staged.at.0 == field.context.node && staged.at.1 == field.path);
    let Some(staged) = asked else { return Touch::none() };
    let theme = field.theme();
    let frame = Frame::new().stroke((1.0, theme.warning)).corner_radius(4).inner_margin(egui::Margin::symmetric(8, 6));
    let answer = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let line = |ui: &mut egui::Ui, text: String, color| {
            ui.add(egui::Label::new(RichText::new(text).color(color)).wrap());
        };
        let title = trf("staged.title", &[("batch", &figures::count(staged.batch))]);
        line(ui, title, theme.text);
        for loss in &staged.losses {
            line(ui, loss_sentence(field.context.pipeline, loss), theme.warning);
        }
        let is_parked = staged.losses.iter().all(|loss| loss.is_parked);
        line(ui, tr(if is_parked { "staged.undo" } else { "staged.gone" }).to_owned(), theme.text_weak);
        ui.horizontal(|ui| {
            let apply = ui.button(tr("staged.apply")).on_hover_text(tr("staged.apply_hint")).clicked();
            let discard = ui.button(tr("staged.discard")).clicked();
            apply.then_some(Action::ApplyStaged).or(discard.then_some(Action::DropStaged))
        })
        .inner
    });
    Touch { ask: answer.inner, ..Touch::none() }
}
