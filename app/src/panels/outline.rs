//! The whole graph as a tree: subflows, nodes, their wires and the notes, for screen readers, keyboards and large graphs.
//!
//! The canvas tells assistive technology only what is in view; this tells all of it. Rows are laid out only where they
//! are seen, but every row is in the accessibility tree while that is asked for.

mod rows;

use std::collections::BTreeSet;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Align2, EventFilter, Id, Key, Rect, Sense, WidgetInfo, pos2, vec2};
use weir_engine::spec::NodeId;

use self::rows::{Item, Row};
use crate::action::{Action, Actions, Selection};
use crate::i18n::tr;
use crate::state::AppState;
use crate::widgets::{empty_state, paint_kind, ranked, search_field};

const ROW_HEIGHT: f32 = 26.0;
const INDENT: f32 = 16.0;

/// What is folded and where the keyboard is.
#[derive(Debug, Default)]
pub(super) struct Outline {
    query: String,
    /// Items whose children are shown; subflows show theirs unless they are in here.
    turned: BTreeSet<Item>,
    /// The row the keyboard is at.
    at: Option<Item>,
    rows: Vec<Row>,
    built_for: Option<Built>,
}

/// What the rows depend on.
#[derive(Debug, Clone, PartialEq)]
struct Built {
    revision: u64,
    query: String,
    turned: BTreeSet<Item>,
    language: crate::i18n::Language,
}

impl Outline {
    /// Draws the tree and answers the keyboard.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        search_field(ui, &mut self.query, tr("outline.search"));
        self.build(state);
        if self.rows.is_empty() {
            let title = if self.query.trim().is_empty() { tr("outline.empty") } else { tr("outline.nothing") };
            empty_state(ui, title, tr("outline.hint"));
            return;
        }
        let tree =
            ui.interact(ui.available_rect_before_wrap(), Id::unique("outline"), Sense::focusable_noninteractive());
        tree.widget_info(|| WidgetInfo::labeled(Role::Tree, true, tr("pane.outline")));
        let has_focus = ui
            .memory(egui::Memory::focused)
            .is_some_and(|id| id == tree.id || self.at.as_ref().is_some_and(|item| item.widget() == id));
        let moved = has_focus && self.keys(ui, state, actions);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for index in 0..self.rows.len() {
                self.row_ui(ui, index, moved, state, actions);
            }
        });
    }

    fn build(&mut self, state: &AppState) {
        let built = Built {
            revision: state.document.revision(),
            query: self.query.trim().to_owned(),
            turned: self.turned.clone(),
            language: crate::i18n::language(),
        };
        if self.built_for.as_ref() == Some(&built) {
            return;
        }
        self.rows = rows::of(state.document.pipeline(), &|item| self.is_open(item));
        if !built.query.is_empty() {
            let all = rows::of(state.document.pipeline(), &|item| matches!(item, Item::Subflow(_)));
            let found = ranked(all.iter().map(|row| [row.name.as_str(), row.detail.as_str()]), &built.query);
            self.rows = found.into_iter().filter_map(|at| all.get(at).cloned()).map(Row::flat).collect();
        }
        self.built_for = Some(built);
    }

    fn is_open(&self, item: &Item) -> bool {
        matches!(item, Item::Subflow(_)) != self.turned.contains(item)
    }

    fn turn(&mut self, item: &Item) {
        if !self.turned.remove(item) {
            self.turned.insert(item.clone());
        }
    }

    /// Up, down, home and end walk; right and left open and close; Enter goes there. Returns whether it walked.
    fn keys(&mut self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) -> bool {
        let at = self.at.as_ref().and_then(|item| self.rows.iter().position(|row| row.item == *item));
        let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
        let last = self.rows.len().saturating_sub(1);
        let mut to = None;
        if pressed(Key::ArrowDown) {
            to = Some(at.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(Key::ArrowUp) {
            to = Some(at.map_or(0, |at| at.saturating_sub(1)));
        }
        if pressed(Key::Home) {
            to = Some(0);
        }
        if pressed(Key::End) {
            to = Some(last);
        }
        let row = at.and_then(|at| self.rows.get(at)).cloned();
        if let (Some(row), Some(at)) = (&row, at) {
            if pressed(Key::ArrowRight) && row.is_open == Some(false) {
                self.turn(&row.item);
            }
            if pressed(Key::ArrowLeft) {
                if row.is_open == Some(true) {
                    self.turn(&row.item);
                } else {
                    to = self.rows.iter().take(at).rposition(|other| other.depth < row.depth).or(to);
                }
            }
            if pressed(Key::Enter) || pressed(Key::Space) {
                go_to(&row.item, state, actions);
            }
        }
        let Some(row) = to.and_then(|to| self.rows.get(to)) else { return false };
        self.at = Some(row.item.clone());
        ui.memory_mut(|memory| memory.request_focus(row.item.widget()));
        select(&row.item, state, actions);
        true
    }

    fn row_ui(&mut self, ui: &mut egui::Ui, index: usize, moved: bool, state: &AppState, actions: &mut Actions) {
        let Some(row) = self.rows.get(index) else { return };
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW_HEIGHT));
        let is_seen = ui.is_rect_visible(rect);
        let is_here = self.at.as_ref() == Some(&row.item);
        let is_told = ui.ctx().accesskit_node_builder(Id::unique("outline"), |_| ()).is_some();
        if !is_seen && !is_told && !is_here {
            return;
        }
        let id = row.item.widget();
        let response = ui.interact(rect, id, Sense::click());
        let is_selected = row.item.is_selected(&state.selection);
        response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, is_selected, row.in_words(state)));
        let (depth, is_open) = (usize::from(row.depth) + 1, row.is_open);
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_level(depth);
            if let Some(is_open) = is_open {
                node.set_expanded(is_open);
            }
        });
        if is_here {
            let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            if moved {
                response.scroll_to_me(None);
            }
        }
        if is_seen {
            paint_row(ui, rect, row, is_selected, response.hovered() || response.has_focus(), state);
        }
        let item = row.item.clone();
        let left = rect.left() + f32::from(row.depth) * INDENT + 18.0;
        if response.gained_focus() {
            self.at = Some(item.clone());
        }
        if response.clicked() {
            let on_arrow = is_open.is_some() && response.interact_pointer_pos().is_some_and(|at| at.x < left);
            self.at = Some(item.clone());
            response.request_focus();
            if on_arrow {
                self.turn(&item);
            } else {
                go_to(&item, state, actions);
            }
        }
        if response.double_clicked()
            && let Item::Subflow(id) = item
        {
            actions.push(Action::OpenLevel(Some(id), Selection::default()));
        }
    }
}

/// Selects an item where it lies.
fn select(item: &Item, state: &AppState, actions: &mut Actions) {
    let pipeline = state.document.pipeline();
    let (level, selection) = item.place(pipeline);
    actions.push(Action::OpenLevel(level, selection));
}

/// Selects an item and brings it into view.
fn go_to(item: &Item, state: &AppState, actions: &mut Actions) {
    select(item, state, actions);
    if let Some(node) = item.node() {
        let (level, selection) = item.place(state.document.pipeline());
        actions.push(Action::Reveal(node));
        actions.push(Action::OpenLevel(level, selection));
    }
}

fn paint_row(ui: &egui::Ui, rect: Rect, row: &Row, is_selected: bool, is_hot: bool, state: &AppState) {
    let (painter, theme) = (ui.painter(), &state.theme);
    if is_selected {
        painter.rect_filled(rect, 4.0, theme.accent_quiet());
    } else if is_hot {
        painter.rect_filled(rect, 4.0, theme.surface_raised);
    }
    let mut x = rect.left() + f32::from(row.depth) * INDENT + 4.0;
    let small = egui::TextStyle::Small.resolve(ui.style());
    if let Some(is_open) = row.is_open {
        let center = pos2(x + 6.0, rect.center().y);
        let angle = if is_open {
            [vec2(-4.0, -2.0), vec2(0.0, 2.5), vec2(4.0, -2.0)]
        } else {
            [vec2(-2.0, -4.0), vec2(2.5, 0.0), vec2(-2.0, 4.0)]
        };
        let stroke = egui::Stroke::new(1.5, theme.text_weak);
        painter.line(angle.map(|offset| center + offset).to_vec(), stroke);
    }
    x += 16.0;
    if let Some(icon) = row.icon {
        let color = row.category.map_or(theme.text_weak, |category| theme.category(category));
        paint_kind(painter, Rect::from_center_size(pos2(x + 8.0, rect.center().y), vec2(14.0, 14.0)), icon, color);
        x += 22.0;
    }
    let font = egui::TextStyle::Body.resolve(ui.style());
    let color = if row.item.node_state(state).is_some() { theme.error } else { theme.text };
    let room = (rect.right() - x - 6.0).max(0.0);
    let name = one_line(ui, &row.name, font, if row.is_quiet { theme.text_weak } else { color }, room);
    let width = name.size().x;
    painter.galley(pos2(x, rect.center().y - name.size().y / 2.0), name, color);
    if !row.detail.is_empty() && room - width > 24.0 {
        let detail = one_line(ui, &row.detail, small, theme.text_weak, room - width - 8.0);
        let at = Align2::RIGHT_CENTER.anchor_size(pos2(rect.right() - 6.0, rect.center().y), detail.size());
        painter.galley(at.min, detail, theme.text_weak);
    }
}

fn one_line(
    ui: &egui::Ui,
    text: &str,
    font: egui::FontId,
    color: egui::Color32,
    room: f32,
) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    ui.painter().layout_job(job)
}

impl Item {
    /// What is wrong with the node, in words.
    fn node_state(&self, state: &AppState) -> Option<&'static str> {
        let id: NodeId = match self {
            Self::Node(id) => *id,
            Self::Subflow(_) | Self::Wire(_) | Self::Frame(_) => return None,
        };
        let is_wrong = state.analysis.problems_of(id).any(weir_engine::spec::Diagnostic::is_error);
        if state.live.failures.contains_key(&id) {
            Some(tr("canvas.access.failed"))
        } else if is_wrong {
            Some(tr("outline.has_problems"))
        } else {
            None
        }
    }
}
