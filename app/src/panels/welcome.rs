//! The welcome view: the samples with a picture of their graphs, recent files, and an empty page.

use std::sync::LazyLock;

use eframe::egui::{self, Align, Align2, Layout, Pos2, Rect, RichText, Sense, Stroke, UiBuilder, pos2, vec2};
use weir_engine::nodes;
use weir_engine::plan::Category;

use super::overlay::{OverlayAnswers, modal};
use crate::action::{Action, Actions};
use crate::command::Command;
use crate::i18n::tr;
use crate::samples::{self, Sample};
use crate::state::AppState;
use crate::theme::Theme;

const WIDTH: f32 = 880.0;
const CARD: egui::Vec2 = vec2(196.0, 176.0);
const PICTURE_HEIGHT: f32 = 84.0;
const COLUMNS: usize = 3;

/// A graph small enough for a card: boxes and the lines between them, in a unit square.
struct Sketch {
    boxes: Vec<(Pos2, Option<Category>)>,
    lines: Vec<(Pos2, Pos2)>,
}

static SKETCHES: LazyLock<Vec<Sketch>> = LazyLock::new(|| samples::ALL.iter().map(Sketch::of).collect());

/// Draws the view; `true` once it is done with.
pub(super) fn ui(
    context: &egui::Context,
    state: &AppState,
    actions: &mut Actions,
    answers: &mut OverlayAnswers,
) -> bool {
    let mut is_done = false;
    let was_closed = modal(context, "welcome", WIDTH, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new("Weir").size(28.0).strong());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button(tr("dialog.close")).clicked() {
                    is_done = true;
                }
            });
        });
        ui.label(RichText::new(tr("welcome.subtitle")).color(state.theme.text_weak));
        ui.add_space(8.0);
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(CARD.x * 3.0 + 16.0);
                ui.label(RichText::new(tr("welcome.samples")).strong());
                is_done |= cards_ui(ui, state, actions);
            });
            ui.add_space(8.0);
            ui.vertical(|ui| is_done |= side_ui(ui, state, actions));
        });
        ui.add_space(8.0);
        let mut show = state.settings.show_welcome;
        if ui.checkbox(&mut show, tr("welcome.show_at_start")).clicked() {
            answers.show_welcome = Some(show);
        }
    });
    is_done || was_closed
}

fn cards_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) -> bool {
    let mut is_done = false;
    let mut cards = samples::ALL.iter().zip(SKETCHES.iter()).peekable();
    while cards.peek().is_some() {
        ui.horizontal_top(|ui| {
            for (sample, sketch) in cards.by_ref().take(COLUMNS) {
                if card_ui(ui, &state.theme, sample, sketch) {
                    actions.push(Action::OpenSample(sample.name.to_owned()));
                    is_done = true;
                }
            }
        });
    }
    is_done
}

fn card_ui(ui: &mut egui::Ui, theme: &Theme, sample: &Sample, sketch: &Sketch) -> bool {
    let (rect, response) = ui.allocate_exact_size(CARD, Sense::click());
    let title = sample.title();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, title));
    let is_hot = response.hovered() || response.has_focus();
    let edge = if is_hot { Stroke::new(1.5, theme.accent) } else { Stroke::new(1.0, theme.border) };
    ui.painter().rect(rect, 8.0, theme.surface_raised, edge, egui::StrokeKind::Inside);
    let picture = Rect::from_min_size(rect.min + vec2(1.0, 1.0), vec2(CARD.x - 2.0, PICTURE_HEIGHT));
    ui.painter().rect_filled(picture, egui::CornerRadius { nw: 7, ne: 7, sw: 0, se: 0 }, theme.canvas);
    sketch.paint(ui.painter(), theme, picture.shrink2(vec2(18.0, 20.0)));
    let words = Rect::from_min_max(rect.min + vec2(12.0, PICTURE_HEIGHT + 8.0), rect.max - vec2(12.0, 8.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(words).layout(Layout::top_down(Align::Min)));
    child.spacing_mut().item_spacing.y = 4.0;
    child.shrink_clip_rect(words);
    child.add(egui::Label::new(RichText::new(title).strong()).truncate());
    child.add(egui::Label::new(RichText::new(sample.summary()).small().color(theme.text_weak)).wrap());
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}

/// What else can be opened.
fn side_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) -> bool {
    let mut is_done = false;
    ui.set_width(ui.available_width());
    ui.label(RichText::new(tr("welcome.start")).strong());
    for (command, title) in [(Command::New, tr("welcome.new")), (Command::Open, tr("welcome.open"))] {
        let button = egui::Button::new(title).min_size(vec2(ui.available_width(), 32.0));
        if ui.add(button).clicked() {
            actions.push(Action::Command(command));
            is_done = true;
        }
    }
    ui.add_space(8.0);
    ui.label(RichText::new(tr("welcome.recent")).strong());
    if state.settings.recent.is_empty() {
        ui.label(RichText::new(tr("welcome.no_recent")).color(state.theme.text_weak));
    }
    for path in state.settings.recent.iter().take(7) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let link = egui::Label::new(RichText::new(name).color(state.theme.accent)).truncate().sense(Sense::click());
        let response = ui.add(link).on_hover_text(path.display().to_string());
        if response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
            actions.push(Action::OpenFile(path.clone()));
            is_done = true;
        }
    }
    is_done
}

impl Sketch {
    fn of(sample: &Sample) -> Self {
        let Ok(pipeline) = sample.load() else { return Self { boxes: Vec::new(), lines: Vec::new() } };
        let corner = |node: &weir_engine::pipeline::NodeEntry| pos2(node.position.x, node.position.y);
        let bounds = Rect::from_points(&pipeline.nodes().map(corner).collect::<Vec<_>>());
        let place = |at: Pos2| {
            let share = |value: f32, size: f32| if size > 0.0 { value / size } else { 0.5 };
            pos2(share(at.x - bounds.min.x, bounds.width()), share(at.y - bounds.min.y, bounds.height()))
        };
        let boxes = pipeline
            .nodes()
            .map(|node| (place(corner(node)), nodes::kind(&node.kind).map(|kind| kind.category)))
            .collect();
        let lines = pipeline
            .wires()
            .iter()
            .filter_map(|wire| Some((pipeline.node(wire.from.node)?, pipeline.node(wire.to.node)?)))
            .map(|(from, to)| (place(corner(from)), place(corner(to))))
            .collect();
        Self { boxes, lines }
    }

    fn paint(&self, painter: &egui::Painter, theme: &Theme, rect: Rect) {
        let at = |unit: Pos2| pos2(egui::lerp(rect.x_range(), unit.x), egui::lerp(rect.y_range(), unit.y));
        for (from, to) in &self.lines {
            painter.line_segment([at(*from), at(*to)], Stroke::new(1.5, theme.wire));
        }
        let size = vec2(26.0, 16.0);
        for (unit, category) in &self.boxes {
            let color = category.map_or(theme.wire, |category| theme.category(category));
            let node = Align2::CENTER_CENTER.anchor_size(at(*unit), size);
            painter.rect(node, 4.0, theme.surface, Stroke::new(1.5, color), egui::StrokeKind::Inside);
            let bar = Rect::from_min_size(node.min, vec2(4.0, size.y));
            painter.rect_filled(bar, egui::CornerRadius { nw: 4, sw: 4, ne: 0, se: 0 }, color);
        }
    }
}
