//! Why a wire is not taken, in place: beside the pointer while it is over a pin, and where it was dropped afterwards. Where
//! only the wire that is there already stands in the way, what can be done about it is offered at once.

use eframe::egui::{self, Area, Button, Frame, Id, Order, Pos2, RichText, Stroke, vec2};

use super::access::Focus;
use super::gesture::Gesture;
use super::widget::Canvas;
use super::wiring::{Aim, Offer, Wiring};
use crate::action::{Action, Actions};
use crate::i18n::tr;
use crate::sentences::spoken;
use crate::state::AppState;

/// What was chosen.
enum Answer {
    Join,
    Replace,
    LetGo,
}

impl Canvas {
    /// Shows the sentence, and what is offered.
    pub(super) fn refusal_ui(&mut self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        let Gesture::Wiring(wiring) = &self.gesture else { return };
        let (at, sentence) = match (&wiring.aim, &wiring.refusal, self.pointer) {
            (_, Some((at, sentence)), _) if wiring.offer.is_some() => (self.view.to_screen(*at), sentence),
            (Aim::Refused(sentence) | Aim::Taken(_, sentence), _, Some(at)) => (at, sentence),
            (_, Some((at, sentence)), _) => (self.view.to_screen(*at), sentence),
            (Aim::Refused(_) | Aim::Taken(..) | Aim::Void | Aim::Home | Aim::Port(_), ..) => return,
        };
        if let Some(answer) = self.sentence_ui(ui, at, sentence, wiring, state) {
            self.answer(&answer, actions);
        }
    }

    fn sentence_ui(
        &self,
        ui: &egui::Ui,
        at: Pos2,
        sentence: &str,
        wiring: &Wiring,
        state: &AppState,
    ) -> Option<Answer> {
        let theme = &state.theme;
        let color = if wiring.offer.is_some() { theme.warning } else { theme.error };
        let frame = Frame::popup(ui.style()).fill(theme.surface).stroke(Stroke::new(1.0, color));
        let area = Area::new(Id::unique("weir canvas refusal"))
            .order(if wiring.offer.is_some() { Order::Foreground } else { Order::Tooltip })
            .fixed_pos(at + vec2(18.0, 18.0))
            .constrain_to(self.view.screen().shrink(4.0))
            .interactable(wiring.offer.is_some());
        let shown = area.show(ui.ctx(), |ui| {
            frame.show(ui, |ui| {
                ui.set_max_width(320.0);
                ui.label(RichText::new(spoken(sentence)).color(color));
                let answer = wiring.offer.as_ref().and_then(|offer| offer_ui(ui, offer));
                if wiring.is_in_hand {
                    ui.label(RichText::new(tr("canvas.refused.in_hand")).size(11.5).color(theme.text_weak));
                }
                answer
            })
        });
        shown.inner.inner
    }

    fn answer(&mut self, answer: &Answer, actions: &mut Actions) {
        let Gesture::Wiring(wiring) = std::mem::take(&mut self.gesture) else { return };
        self.focus_wanted = Some(Focus::Canvas);
        let Some(offer) = wiring.offer else { return };
        match (answer, offer.replace) {
            (Answer::Join, _) => {
                actions.push(Action::Join { from: wiring.fixed, to: offer.to, moved: wiring.moved });
            }
            (Answer::Replace, Ok(edit)) => actions.edit(tr("canvas.step.rewire"), edit),
            (Answer::Replace, Err(_)) | (Answer::LetGo, _) => {}
        }
    }
}

fn offer_ui(ui: &mut egui::Ui, offer: &Offer) -> Option<Answer> {
    let mut answer = None;
    ui.add_space(2.0);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let join = ui.button(tr("canvas.offer.join"));
        if ui.memory(egui::Memory::focused).is_none_or(|id| id == Focus::Canvas.id()) {
            join.request_focus();
        }
        if join.clicked() {
            answer = Some(Answer::Join);
        }
        let replace = ui.add_enabled(offer.replace.is_ok(), Button::new(tr("canvas.offer.replace")));
        let replace = match &offer.replace {
            Ok(_) => replace,
            Err(why) => replace.on_disabled_hover_text(spoken(why)),
        };
        if replace.clicked() {
            answer = Some(Answer::Replace);
        }
        if ui.button(tr("canvas.offer.let_go")).clicked() {
            answer = Some(Answer::LetGo);
        }
    });
    answer
}
