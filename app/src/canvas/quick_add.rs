//! Adding a node by typing: what fits the wire in hand, or the selected node, first; then what was used lately, then
//! everything by category.

use std::collections::VecDeque;

use eframe::egui::{
    self, Align2, Area, Frame, Id, Key, Modifiers, Order, Pos2, Rect, RichText, ScrollArea, TextEdit, vec2,
};
use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;
use weir_engine::analysis::check_wire;
use weir_engine::nodes::{self, KINDS};
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::{Category, NodeKind};
use weir_engine::spec::{PortRef, WireKey};

use super::access::Focus;
use super::boxes::kind_title;
use super::edits;
use super::scene::Side;
use super::widget::Canvas;
use crate::action::{Action, Actions};
use crate::i18n::{node_word, tr};
use crate::state::AppState;
use crate::theme::Theme;
use crate::widgets::paint_kind;

/// Kinds remembered as used lately.
pub(crate) const MAX_RECENT: usize = 5;
const SIZE: egui::Vec2 = vec2(300.0, 340.0);
const ROW_HEIGHT: f32 = 38.0;

/// The search as it stands.
#[derive(Debug)]
pub(crate) struct QuickAdd {
    /// Its upper left corner on the screen.
    screen: Pos2,
    /// Where the node goes.
    world: Pos2,
    query: String,
    chosen: usize,
    wire: Option<(Side, PortRef)>,
    /// Whether what does not fit the wire is offered too, below: then it is added without one.
    is_wire_optional: bool,
    /// The wire the node interrupts.
    onto: Option<WireKey>,
    /// Ids of kinds the wire may be led to.
    compatible: Vec<&'static str>,
    is_open: bool,
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    kind: Found,
    /// The key of the heading it stands under.
    group: &'static str,
}

#[derive(Clone, Copy)]
struct Found(&'static NodeKind);

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.id)
    }
}

impl QuickAdd {
    /// Opened on the empty canvas.
    pub(crate) fn at(screen: Pos2, world: Pos2) -> Self {
        Self {
            screen,
            world,
            query: String::new(),
            chosen: 0,
            wire: None,
            is_wire_optional: false,
            onto: None,
            compatible: Vec::new(),
            is_open: false,
        }
    }

    /// Opened on a wire, which the node then interrupts.
    pub(crate) fn onto(screen: Pos2, world: Pos2, wire: WireKey) -> Self {
        let stands_between = |kind: &&NodeKind| !kind.inputs.is_empty() && !kind.outputs.is_empty();
        let compatible = KINDS.iter().copied().filter(stands_between).map(|kind| kind.id).collect();
        Self { onto: Some(wire), compatible, ..Self::at(screen, world) }
    }

    /// Whether only some kinds fit.
    fn is_filtered(&self) -> bool {
        (self.wire.is_some() && !self.is_wire_optional) || self.onto.is_some()
    }

    /// Opened with a node selected: what its output leads to is offered first and connected.
    pub(crate) fn after(pipeline: &Pipeline, screen: Pos2, world: Pos2, output: PortRef) -> Self {
        Self { is_wire_optional: true, ..Self::for_wire(pipeline, screen, world, Side::Output, output) }
    }

    /// Opened by a wire dropped into the void: only what it can be led to is offered.
    pub(crate) fn for_wire(pipeline: &Pipeline, screen: Pos2, world: Pos2, side: Side, port: PortRef) -> Self {
        let compatible = compatible(pipeline, side, &port);
        Self { wire: Some((side, port)), compatible, ..Self::at(screen, world) }
    }

    /// What is listed, in order.
    fn rows(&self, recent: &VecDeque<String>) -> Vec<Row> {
        let is_offered = |kind: &&'static NodeKind| !self.is_filtered() || self.compatible.contains(&kind.id);
        let query = self.query.trim();
        if !query.is_empty() {
            let matcher = SkimMatcherV2::default().ignore_case();
            let mut found: Vec<_> = KINDS
                .iter()
                .copied()
                .filter(is_offered)
                .filter_map(|kind| score(&matcher, kind, query).map(|score| (score, kind)))
                .collect();
            found.sort_by_key(|(score, kind)| std::cmp::Reverse((self.connects(kind), *score)));
            return found.into_iter().map(|(_, kind)| Row { kind: Found(kind), group: "canvas.add.results" }).collect();
        }
        if self.is_filtered() {
            let lately = recent.iter().filter_map(|id| nodes::kind(id)).filter(is_offered);
            let is_recent = |kind: &&'static NodeKind| recent.iter().any(|id| id == kind.id);
            let fitting = lately.chain(KINDS.iter().copied().filter(is_offered).filter(|kind| !is_recent(kind)));
            return fitting.map(|kind| Row { kind: Found(kind), group: "canvas.add.compatible" }).collect();
        }
        let fitting = KINDS.iter().copied().filter(|kind| self.connects(kind));
        let fitting = fitting.map(|kind| Row { kind: Found(kind), group: "canvas.add.compatible" });
        let lately = recent.iter().filter_map(|id| nodes::kind(id));
        let lately = lately.map(|kind| Row { kind: Found(kind), group: "canvas.add.recent" });
        let all = Category::ALL.into_iter().flat_map(|category| {
            let of_category = KINDS.iter().copied().filter(move |kind| kind.category == category);
            of_category.map(move |kind| Row { kind: Found(kind), group: category_key(category) })
        });
        fitting.chain(lately).chain(all).collect()
    }

    /// Whether a node of this kind is wired when it is added.
    fn connects(&self, kind: &NodeKind) -> bool {
        self.wire.is_some() && self.compatible.contains(&kind.id)
    }

    /// What is added.
    fn action(&self, kind: &'static NodeKind, is_snapping: bool) -> Action {
        let at = match &self.wire {
            // The new node's pin meets the pointer, more or less: its head is 48 high.
            Some((Side::Output, _)) => self.world - vec2(8.0, 24.0),
            Some((Side::Input, _)) => self.world - vec2(160.0, 24.0),
            None if self.onto.is_some() => self.world - vec2(84.0, 24.0),
            None => self.world,
        };
        Action::AddNode {
            kind: kind.id.to_owned(),
            at: if is_snapping { edits::snapped(at) } else { at },
            wire_to: self.wire.as_ref().filter(|_| self.connects(kind)).map(|(_, port)| port.clone()),
            onto: self.onto.clone(),
        }
    }
}

/// How well a kind answers a query: its title in either language counts most, then its id, then what it does.
fn score(matcher: &SkimMatcherV2, kind: &'static NodeKind, query: &str) -> Option<i64> {
    let summary = node_word(&format!("{}.summary", kind.id), kind.summary);
    let texts = [(kind_title(kind), 4), (kind.title, 4), (kind.id, 3), (kind.base_name, 2), (summary, 1)];
    texts.into_iter().filter_map(|(text, weight)| matcher.fuzzy_match(text, query).map(|score| score * weight)).max()
}

/// Kinds of which a new node could take the wire at one of its ports.
fn compatible(pipeline: &Pipeline, side: Side, port: &PortRef) -> Vec<&'static str> {
    let mut trial = edits::upstream_part(pipeline, &[port.node]);
    let fits = |kind: &&'static NodeKind| {
        let id = trial.fresh_id();
        let name = trial.fresh_name(kind.base_name);
        if trial.apply(&Edit::AddNode(Box::new(NodeEntry::new(id, kind.id, name)))).is_err() {
            return false;
        }
        let fits = match side {
            Side::Output => kind.inputs.iter().any(|to| check_wire(&trial, port, &PortRef::new(id, to.name)).is_ok()),
            Side::Input => {
                kind.outputs.iter().any(|from| check_wire(&trial, &PortRef::new(id, from.name), port).is_ok())
            }
        };
        // The next one is tried without it. What was just added can be removed.
        let _ = trial.apply(&Edit::RemoveNode(id));
        fits
    };
    KINDS.iter().copied().filter(fits).map(|kind| kind.id).collect()
}

fn category_key(category: Category) -> &'static str {
    match category {
        Category::Source => "canvas.category.source",
        Category::Transform => "canvas.category.transform",
        Category::Window => "canvas.category.window",
        Category::State => "canvas.category.state",
        Category::Sink => "canvas.category.sink",
    }
}

impl Canvas {
    /// Remembers a kind as used last.
    pub(super) fn remember(&mut self, kind: &str) {
        self.recent.retain(|known| known != kind);
        self.recent.push_front(kind.to_owned());
        self.recent.truncate(MAX_RECENT);
    }

    /// Draws the search and adds what is chosen.
    pub(super) fn quick_add_ui(&mut self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        let Some(mut quick_add) = self.quick_add.take() else { return };
        let rows = quick_add.rows(&self.recent);
        let keys = Keys::read(ui);
        let last = rows.len().saturating_sub(1);
        quick_add.chosen = quick_add.chosen.saturating_add(keys.down).min(last).saturating_sub(keys.up);
        let mut picked = keys.is_enter.then(|| rows.get(quick_add.chosen)).flatten().map(|row| row.kind);
        let was_open = quick_add.is_open;
        let area = Area::new(Id::unique("weir canvas quick add"))
            .order(Order::Foreground)
            .fixed_pos(quick_add.screen + vec2(-12.0, -12.0))
            .constrain_to(self.view.screen().shrink(4.0))
            .show(ui.ctx(), |ui| {
                Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_width(SIZE.x);
                    quick_add.search_ui(ui);
                    let is_moved = keys.down + keys.up > 0;
                    if let Some(kind) = quick_add.list_ui(ui, &rows, is_moved, &state.theme) {
                        picked = Some(kind);
                    }
                });
            });
        if let Some(Found(kind)) = picked {
            self.remember(kind.id);
            self.focus_wanted = Some(Focus::Canvas);
            actions.push(quick_add.action(kind, state.settings.snap_to_grid));
        } else if keys.is_escape || (was_open && area.response.clicked_elsewhere()) {
            self.focus_wanted = Some(Focus::Canvas);
        } else {
            self.quick_add = Some(quick_add);
        }
    }
}

/// Keys that move through the list, taken before the text field sees them.
struct Keys {
    up: usize,
    down: usize,
    is_enter: bool,
    is_escape: bool,
}

impl Keys {
    fn read(ui: &egui::Ui) -> Self {
        ui.input_mut(|input| Self {
            up: input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp),
            down: input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown),
            is_enter: input.consume_key(Modifiers::NONE, Key::Enter),
            is_escape: input.consume_key(Modifiers::NONE, Key::Escape),
        })
    }
}

impl QuickAdd {
    fn search_ui(&mut self, ui: &mut egui::Ui) {
        let edit = TextEdit::singleline(&mut self.query)
            .id(Id::unique("weir canvas quick add search"))
            .hint_text(tr("canvas.add.search"))
            .desired_width(f32::INFINITY)
            .margin(vec2(8.0, 6.0));
        let response = ui.add(edit);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(tr("canvas.add.search")));
        if response.changed() {
            self.chosen = 0;
        }
        if !self.is_open {
            self.is_open = true;
            response.request_focus();
        }
        ui.add_space(4.0);
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, rows: &[Row], is_moved: bool, theme: &Theme) -> Option<Found> {
        let mut picked = None;
        if rows.is_empty() {
            ui.add_space(8.0);
            ui.vertical_centered(|ui| ui.label(RichText::new(tr("canvas.add.nothing")).color(theme.text_weak)));
            ui.add_space(8.0);
        }
        ScrollArea::vertical().max_height(SIZE.y).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let mut group = "";
            for (at, row) in rows.iter().enumerate() {
                if row.group != group {
                    group = row.group;
                    ui.add_space(4.0);
                    ui.label(RichText::new(tr(group)).size(11.0).color(theme.text_weak));
                }
                let response = row_ui(ui, row, at == self.chosen, theme);
                if response.clicked() {
                    picked = Some(row.kind);
                }
                if response.hovered() && ui.input(|input| input.pointer.is_moving()) {
                    self.chosen = at;
                }
                if at == self.chosen && is_moved {
                    response.scroll_to_me(None);
                }
            }
        });
        picked
    }
}

fn row_ui(ui: &mut egui::Ui, row: &Row, is_chosen: bool, theme: &Theme) -> egui::Response {
    let Found(kind) = row.kind;
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::accesskit::Role::Button, true, is_chosen, kind_title(kind)));
    if ui.is_rect_visible(rect) {
        if is_chosen {
            ui.painter().rect_filled(rect, 4.0, theme.surface_raised);
        }
        paint_row(ui.painter(), rect, kind, theme);
    }
    response
}

fn paint_row(painter: &egui::Painter, rect: Rect, kind: &'static NodeKind, theme: &Theme) {
    use super::text::{line, place, proportional};
    let color = theme.category(kind.category);
    let icon = Rect::from_center_size(rect.left_center() + vec2(18.0, 0.0), egui::Vec2::splat(17.0));
    paint_kind(painter, icon, kind.icon, color);
    let width = rect.width() - 44.0;
    let title = line(painter, kind_title(kind), proportional(13.5), theme.text, width);
    place(painter, rect.left_top() + vec2(36.0, 3.0), Align2::LEFT_TOP, title, theme.text);
    let summary = node_word(&format!("{}.summary", kind.id), kind.summary);
    let summary = line(painter, summary, proportional(11.0), theme.text_weak, width);
    place(painter, rect.left_bottom() + vec2(36.0, -3.0), Align2::LEFT_BOTTOM, summary, theme.text_weak);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_heading_of_its_own() {
        let keys: std::collections::BTreeSet<_> = Category::ALL.into_iter().map(category_key).collect();
        assert_eq!(keys.len(), Category::ALL.len());
    }

    #[test]
    fn without_a_query_all_kinds_are_listed_after_the_recent_ones() {
        let quick_add = QuickAdd::at(Pos2::ZERO, Pos2::ZERO);
        let recent: VecDeque<_> = KINDS.last().map(|kind| kind.id.to_owned()).into_iter().collect();
        let rows = quick_add.rows(&recent);
        assert_eq!(rows.len(), KINDS.len() + recent.len());
        assert_eq!(rows.first().map(|row| row.kind.0.id), recent.front().map(String::as_str));
    }

    #[test]
    fn typing_a_title_finds_its_kind_first() {
        for kind in KINDS {
            let quick_add = QuickAdd { query: kind.title.to_owned(), ..QuickAdd::at(Pos2::ZERO, Pos2::ZERO) };
            let rows = quick_add.rows(&VecDeque::new());
            assert!(rows.iter().take(3).any(|row| row.kind.0.id == kind.id), "{}", kind.id);
        }
    }
}
