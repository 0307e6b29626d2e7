//! Where one is: the way from the pipeline to the subflow that is open, top left; each step leads back there.

use eframe::egui::{self, Align, Button, Frame, Layout, Margin, Rect, RichText, Stroke, UiBuilder, vec2};
use weir_engine::pipeline::SubflowId;

use super::widget::Canvas;
use crate::action::{Action, Actions, Selection};
use crate::i18n::{tr, trf};
use crate::state::AppState;

const MARGIN: f32 = 12.0;
const HEIGHT: f32 = 34.0;

impl Canvas {
    /// Draws the way, while a subflow is open.
    pub(super) fn path_bar_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let Some(open) = state.level else { return };
        let screen = self.view.screen();
        let room = vec2((screen.width() - 2.0 * MARGIN).max(1.0), HEIGHT);
        let builder = UiBuilder::new()
            .id_salt("weir canvas path")
            .max_rect(Rect::from_min_size(screen.min + vec2(MARGIN, MARGIN), room))
            .layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(builder, |ui| {
            let theme = &state.theme;
            let frame = Frame::NONE
                .fill(theme.surface)
                .stroke(Stroke::new(1.0, theme.border))
                .corner_radius(6.0)
                .inner_margin(Margin::symmetric(4, 3));
            frame.show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                step_ui(ui, None, tr("canvas.path.root"), false, state, actions);
                for id in state.document.pipeline().subflow_path(state.level).into_iter().rev() {
                    ui.label(RichText::new("›").color(theme.text_weak));
                    let name = state.document.pipeline().subflow(id).map_or("", |subflow| subflow.name.as_str());
                    step_ui(ui, Some(id), name, id == open, state, actions);
                }
            });
        });
    }
}

fn step_ui(
    ui: &mut egui::Ui,
    level: Option<SubflowId>,
    name: &str,
    is_open: bool,
    state: &AppState,
    actions: &mut Actions,
) {
    let name = if name.is_empty() { tr("canvas.subflow.unnamed") } else { name };
    let color = if is_open { state.theme.text } else { state.theme.accent };
    let button = Button::new(RichText::new(name).color(color)).frame_when_inactive(false).truncate();
    let response = ui.add_enabled(!is_open, button.min_size(vec2(0.0, 26.0)));
    let hint = trf("canvas.path.go", &[("name", name)]);
    if response.on_hover_text(&hint).clicked() {
        // What one comes from stays in sight: its box is selected where it lies.
        let mut path = state.document.pipeline().subflow_path(state.level).into_iter();
        let from =
            path.find(|id| state.document.pipeline().subflow(*id).is_some_and(|subflow| subflow.parent == level));
        actions.push(Action::OpenLevel(level, from.map_or_else(Selection::default, Selection::subflow)));
    }
}
