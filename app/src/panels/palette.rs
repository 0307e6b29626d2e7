//! The palette: all kinds of nodes by category, found by typing, added by dragging, double click or Enter.

use eframe::egui::{self, DragAndDrop, Id, Key, LayerId, Order, Rect, RichText, Sense, pos2, vec2};
use weir_engine::nodes;
use weir_engine::plan::{Category, NodeKind};

use crate::action::{Action, Actions, PaletteDrag};
use crate::i18n::{node_word, tr};
use crate::state::AppState;
use crate::theme::Theme;
use crate::widgets::paint_kind;
use crate::widgets::{empty_state, ranked, search_field};

const ROW_HEIGHT: f32 = 30.0;

/// What is being looked for.
#[derive(Debug, Default)]
pub(super) struct Palette {
    query: String,
    /// Which of the hits Enter adds.
    marked: usize,
}

impl Palette {
    /// Draws the palette. `center` is where nodes go that are not dragged.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, center: egui::Pos2, actions: &mut Actions) {
        let search = search_field(ui, &mut self.query, tr("palette.search"));
        if search.changed() {
            self.marked = 0;
        }
        let hits = ranked(nodes::KINDS.iter().map(|kind| [title(kind), kind.title, kind.id]), &self.query);
        let kinds: Vec<&'static NodeKind> =
            hits.into_iter().filter_map(|index| nodes::KINDS.get(index).copied()).collect();
        if search.has_focus() || search.lost_focus() {
            self.keys(ui, &kinds, center, actions);
        }
        if kinds.is_empty() {
            empty_state(ui, tr("palette.nothing"), tr("palette.nothing_hint"));
            return;
        }
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            if self.query.trim().is_empty() {
                for category in Category::ALL {
                    category_ui(ui, state, &kinds, category, center, actions);
                }
            } else {
                for (index, kind) in kinds.iter().enumerate() {
                    kind_ui(ui, &state.theme, kind, index == self.marked, center, actions);
                }
            }
        });
    }

    /// Up and down choose among the hits, Enter adds.
    fn keys(&mut self, ui: &egui::Ui, kinds: &[&'static NodeKind], center: egui::Pos2, actions: &mut Actions) {
        let (down, up, enter) = ui.input(|input| {
            (input.key_pressed(Key::ArrowDown), input.key_pressed(Key::ArrowUp), input.key_pressed(Key::Enter))
        });
        if down {
            self.marked = (self.marked + 1).min(kinds.len().saturating_sub(1));
        }
        if up {
            self.marked = self.marked.saturating_sub(1);
        }
        if enter && let Some(kind) = kinds.get(self.marked).filter(|_| !self.query.trim().is_empty()) {
            actions.push(add(kind, center));
        }
    }
}

/// A kind's title in the language in force.
pub(super) fn title(kind: &NodeKind) -> &'static str {
    node_word(&format!("{}.title", kind.id), kind.title)
}

fn category_title(category: Category) -> &'static str {
    match category {
        Category::Source => tr("category.source"),
        Category::Transform => tr("category.transform"),
        Category::Window => tr("category.window"),
        Category::State => tr("category.state"),
        Category::Sink => tr("category.sink"),
    }
}

fn category_ui(
    ui: &mut egui::Ui,
    state: &AppState,
    kinds: &[&'static NodeKind],
    category: Category,
    center: egui::Pos2,
    actions: &mut Actions,
) {
    let mut members = kinds.iter().filter(|kind| kind.category == category).peekable();
    if members.peek().is_none() {
        return;
    }
    ui.add_space(8.0);
    ui.label(RichText::new(category_title(category)).small().color(state.theme.category(category)));
    for kind in members {
        kind_ui(ui, &state.theme, kind, false, center, actions);
    }
}

fn add(kind: &NodeKind, at: egui::Pos2) -> Action {
    Action::AddNode { kind: kind.id.to_owned(), at, wire_to: None, onto: None }
}

/// One row: colour bar, icon, title; the summary and the way to use it on hover.
fn kind_ui(
    ui: &mut egui::Ui,
    theme: &Theme,
    kind: &'static NodeKind,
    is_marked: bool,
    center: egui::Pos2,
    actions: &mut Actions,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click_and_drag());
    let name = title(kind);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, ui.is_enabled(), name));
    response.dnd_set_drag_payload(PaletteDrag { kind: kind.id.to_owned() });
    if response.double_clicked() || (response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter))) {
        actions.push(add(kind, center));
    }
    if ui.is_rect_visible(rect) {
        let is_hot = response.hovered() || response.has_focus() || is_marked;
        paint_row(ui, theme, kind, rect, is_hot);
    }
    if DragAndDrop::payload::<PaletteDrag>(ui.ctx()).is_some_and(|drag| drag.kind == kind.id) && response.dragged() {
        paint_ghost(ui, theme, kind);
        return;
    }
    response.on_hover_ui(|ui| {
        ui.label(RichText::new(name).strong());
        ui.label(node_word(&format!("{}.summary", kind.id), kind.summary));
        ui.label(RichText::new(tr("palette.how")).small().color(theme.text_weak));
    });
}

fn paint_row(ui: &egui::Ui, theme: &Theme, kind: &NodeKind, rect: Rect, is_hot: bool) {
    let painter = ui.painter();
    let color = theme.category(kind.category);
    painter.rect_filled(rect, 6.0, if is_hot { theme.surface_raised } else { theme.surface });
    let bar =
        Rect::from_min_max(pos2(rect.left() + 4.0, rect.top() + 7.0), pos2(rect.left() + 7.0, rect.bottom() - 7.0));
    painter.rect_filled(bar, 1.5, color);
    let font = egui::TextStyle::Body.resolve(ui.style());
    let icon_at = pos2(rect.left() + 22.0, rect.center().y);
    paint_kind(painter, Rect::from_center_size(icon_at, egui::Vec2::splat(16.0)), kind.icon, color);
    let room = rect.right() - rect.left() - 46.0;
    let mut job = egui::text::LayoutJob::simple_singleline(title(kind).to_owned(), font, theme.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = painter.layout_job(job);
    painter.galley(pos2(rect.left() + 38.0, rect.center().y - galley.size().y / 2.0), galley, theme.text);
}

/// What hangs on the pointer while a kind is dragged.
fn paint_ghost(ui: &egui::Ui, theme: &Theme, kind: &NodeKind) {
    let Some(pointer) = ui.ctx().pointer_interact_pos() else { return };
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("palette_ghost")));
    let font = egui::TextStyle::Body.resolve(ui.style());
    let galley = painter.layout_no_wrap(title(kind).to_owned(), font, theme.text);
    let rect = Rect::from_min_size(pointer + vec2(12.0, 8.0), galley.size() + vec2(28.0, 12.0));
    let border = egui::Stroke::new(1.5, theme.category(kind.category));
    painter.rect(rect, 6.0, theme.surface_raised, border, egui::StrokeKind::Inside);
    painter.galley(rect.min + vec2(14.0, 6.0), galley, theme.text);
    ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
}
