//! Draws the picture: arrivals to the right, event time upwards.

use eframe::egui::{
    self, Align2, Color32, FontId, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, accesskit::Role, pos2, vec2,
};
use weir_engine::plan::Category;
use weir_engine::spec::{Span, Timestamp};

use super::model::{Picture, WindowBox};
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::plots::units;
use crate::state::AppState;
use crate::theme::Theme;

/// Room for the labels of event time.
const LEFT: f32 = 72.0;
/// Room for the labels of arrivals.
const BOTTOM: f32 = 22.0;
const TOP: f32 = 26.0;
const POINTS: f32 = 11.0;
/// Steps between labels, in seconds.
const STEPS: [i64; 17] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];

/// From times to the screen.
struct Frame {
    rect: Rect,
    arrivals: (Timestamp, Timestamp),
    events: (f64, f64),
}

impl Frame {
    fn new(rect: Rect, picture: &Picture) -> Self {
        let (low, high) = (picture.events.0.0 as f64, picture.events.1.0 as f64);
        let pad = ((high - low) * 0.06).max(500_000.0);
        Self { rect, arrivals: picture.arrivals, events: (low - pad, high + pad) }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a place on the screen")]
    fn x(&self, time: Timestamp) -> f32 {
        let (from, to) = (self.arrivals.0.0 as f64, self.arrivals.1.0 as f64);
        self.rect.left() + self.rect.width() * ((time.0 as f64 - from) / (to - from).max(1.0)) as f32
    }

    #[expect(clippy::cast_possible_truncation, reason = "a place on the screen")]
    fn y(&self, time: Timestamp) -> f32 {
        let (low, high) = self.events;
        self.rect.bottom() - self.rect.height() * ((time.0 as f64 - low) / (high - low)) as f32
    }

    fn at(&self, arrived: Timestamp, happened: Timestamp) -> Pos2 {
        pos2(self.x(arrived), self.y(happened))
    }
}

/// Draws it over all the room there is; a click shows the batch.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, picture: &Picture, actions: &mut Actions) {
    let (area, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    let words = trf("timeline.picture", &[("summary", &picture.summary())]);
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &words));
    let rect = Rect::from_min_max(area.min + vec2(LEFT, TOP), area.max - vec2(8.0, BOTTOM));
    if !rect.is_positive() || !ui.is_rect_visible(area) {
        return;
    }
    let theme = &state.theme;
    let frame = Frame::new(rect, picture);
    ui.painter().rect_filled(rect, 4.0, theme.background);
    axes(ui.painter(), &frame, theme);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    boxes(&painter, &frame, picture, theme);
    diagonal(&painter, &frame, theme);
    stair(&painter, &frame, picture, theme);
    dots(&painter, &frame, picture, theme);
    if picture.sessions.is_none() {
        spans(&painter, &frame, picture, theme);
    }
    shown_batch(&painter, &frame, picture, state);
    legend(ui.painter(), rect, picture, theme);
    hover(&response, &frame, picture, actions);
}

fn font() -> FontId {
    FontId::proportional(POINTS)
}

/// Round times on both axes, as many as fit.
fn axes(painter: &Painter, frame: &Frame, theme: &Theme) {
    let line = Stroke::new(1.0, theme.border.gamma_multiply(0.6));
    #[expect(clippy::cast_possible_truncation, reason = "microseconds")]
    let (low, high) = (Timestamp(frame.events.0 as i64), Timestamp(frame.events.1 as i64));
    for time in labels(low, high, frame.rect.height() / 34.0) {
        let y = frame.y(time);
        painter.hline(frame.rect.x_range(), y, line);
        let at = pos2(frame.rect.left() - 6.0, y);
        painter.text(at, Align2::RIGHT_CENTER, units::clock_time(time), font(), theme.text_weak);
    }
    for time in labels(frame.arrivals.0, frame.arrivals.1, frame.rect.width() / 90.0) {
        let x = frame.x(time);
        painter.vline(x, frame.rect.y_range(), line);
        let label = painter.layout_no_wrap(units::clock_time(time), font(), theme.text_weak);
        // At the edge it stands inside, whole.
        let left = (x - label.size().x / 2.0).min(frame.rect.right() - label.size().x);
        painter.galley(pos2(left, frame.rect.bottom() + 4.0), label, theme.text_weak);
    }
    let title = pos2(frame.rect.left() - LEFT + 4.0, frame.rect.top() - TOP + 4.0);
    painter.text(title, Align2::LEFT_TOP, tr("timeline.axes"), font(), theme.text_weak);
}

/// Round moments in a span, at most about so many.
fn labels(from: Timestamp, to: Timestamp, most: f32) -> Vec<Timestamp> {
    let span = to.since(from).as_secs_f64();
    let wanted = span / f64::from(most.max(1.0));
    let step = STEPS.into_iter().find(|step| *step as f64 >= wanted).unwrap_or(604_800);
    let first = from.floor_to(Span::from_secs(step)).plus(Span::from_secs(step));
    (0..200).map(|index| first.plus(Span::from_secs(index * step))).take_while(|time| *time <= to).collect()
}

/// Windows: fainter once they are closed.
fn boxes(painter: &Painter, frame: &Frame, picture: &Picture, theme: &Theme) {
    let color = theme.category(Category::Window);
    for window in &picture.windows {
        let rect = rect_of(window, frame);
        let is_open = window.closed.is_none();
        painter.rect_filled(rect, 3.0, color.gamma_multiply(if is_open { 0.20 } else { 0.09 }));
        let stroke = Stroke::new(1.0, color.gamma_multiply(if is_open { 0.9 } else { 0.45 }));
        painter.rect_stroke(rect.shrink(0.5), 3.0, stroke, StrokeKind::Inside);
    }
}

/// Which span of time a window is, where there is room: above the rows, which would cross it out otherwise.
fn spans(painter: &Painter, frame: &Frame, picture: &Picture, theme: &Theme) {
    for window in &picture.windows {
        let rect = rect_of(window, frame).intersect(frame.rect);
        let text = format!("{} – {}", units::clock_time(window.start), units::clock_time(window.end));
        let galley = painter.layout_no_wrap(text, font(), theme.text_weak);
        let place = Rect::from_min_size(rect.left_top() + vec2(5.0, 2.0), galley.size());
        if rect.shrink2(vec2(2.0, 0.0)).contains_rect(place) {
            painter.rect_filled(place.expand2(vec2(3.0, 0.0)), 2.0, theme.background.gamma_multiply(0.8));
            painter.galley(place.min, galley, theme.text_weak);
        }
    }
}

/// From its first row to its close, or to now while it is open.
fn rect_of(window: &WindowBox, frame: &Frame) -> Rect {
    let right = window.closed.unwrap_or(frame.arrivals.1);
    let left = window.opened.max(frame.arrivals.0);
    Rect::from_two_pos(frame.at(left, window.start), frame.at(right.max(left), window.end))
}

/// Where rows would lie that arrive as they happen.
fn diagonal(painter: &Painter, frame: &Frame, theme: &Theme) {
    let (from, to) = frame.arrivals;
    let line = [frame.at(from, from), frame.at(to, to)];
    let is_near = |point: Pos2| point.y.abs() < 1e5;
    if line.iter().all(|point| is_near(*point)) {
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, theme.text_weak.gamma_multiply(0.7)), 4.0, 4.0));
    }
}

fn stair(painter: &Painter, frame: &Frame, picture: &Picture, theme: &Theme) {
    let mut points: Vec<Pos2> = Vec::with_capacity(picture.watermark.len() * 2 + 1);
    for step in &picture.watermark {
        let at = frame.at(step.at, step.watermark);
        if let Some(before) = points.last().copied() {
            points.push(pos2(at.x, before.y));
        }
        points.push(at);
    }
    if let Some(last) = points.last().copied() {
        points.push(pos2(frame.rect.right(), last.y));
        painter.add(Shape::line(points, Stroke::new(2.0, theme.interval)));
    }
}

fn dots(painter: &Painter, frame: &Frame, picture: &Picture, theme: &Theme) {
    let timely = theme.series[0].gamma_multiply(0.8);
    for row in picture.rows.iter().filter(|row| !row.is_late) {
        painter.circle_filled(frame.at(row.arrived, row.happened), 2.0, timely);
    }
    for row in picture.rows.iter().filter(|row| row.is_late) {
        let at = frame.at(row.arrived, row.happened);
        let at = pos2(at.x, at.y.clamp(frame.rect.top() + 4.0, frame.rect.bottom() - 4.0));
        painter.circle(at, 3.5, theme.error, Stroke::new(1.0, theme.background));
    }
}

/// The batch that is shown everywhere.
fn shown_batch(painter: &Painter, frame: &Frame, picture: &Picture, state: &AppState) {
    let Some(batch) = state.live.shown_batch else { return };
    if let Some((time, _)) = picture.ticks.iter().find(|(_, number)| *number == batch) {
        painter.vline(frame.x(*time), frame.rect.y_range(), Stroke::new(2.0, state.theme.accent));
    }
}

/// What the marks mean, above the picture at the right.
fn legend(painter: &Painter, rect: Rect, picture: &Picture, theme: &Theme) {
    let mut entries: Vec<(Color32, &str, bool)> = vec![(theme.series[0], tr("timeline.row"), false)];
    if picture.by_event {
        entries.push((theme.error, tr("timeline.late"), false));
        entries.push((theme.interval, tr("timeline.watermark"), true));
    }
    if !picture.windows.is_empty() {
        let word = if picture.sessions.is_some() { tr("timeline.session") } else { tr("timeline.window") };
        entries.push((theme.category(Category::Window), word, true));
    }
    let mut right = rect.right();
    let y = rect.top() - TOP / 2.0;
    for (color, word, is_line) in entries.into_iter().rev() {
        let galley = painter.layout_no_wrap(word.to_owned(), font(), theme.text_weak);
        right -= galley.size().x;
        painter.galley(pos2(right, y - galley.size().y / 2.0), galley, theme.text_weak);
        right -= 10.0;
        if is_line {
            painter.rect_filled(Rect::from_center_size(pos2(right, y), vec2(11.0, 4.0)), 1.0, color);
        } else {
            painter.circle_filled(pos2(right, y), 3.5, color);
        }
        right -= 18.0;
    }
}

/// The nearest row in words; a click shows its batch.
fn hover(response: &egui::Response, frame: &Frame, picture: &Picture, actions: &mut Actions) {
    let Some(pointer) = response.hover_pos().filter(|at| frame.rect.contains(*at)) else { return };
    let nearest = picture
        .rows
        .iter()
        .map(|row| (row, frame.at(row.arrived, row.happened).distance(pointer)))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((row, distance)) = nearest
        && distance < 12.0
    {
        let facts = [("happened", units::clock_time(row.happened)), ("arrived", units::clock_time(row.arrived))];
        let facts = facts.each_ref().map(|(key, value)| (*key, value.as_str()));
        let text = if row.is_late { trf("timeline.late_row", &facts) } else { trf("timeline.row_at", &facts) };
        response.clone().on_hover_text_at_pointer(text);
    }
    if response.clicked() {
        let batch = picture.ticks.iter().find(|(time, _)| frame.x(*time) >= pointer.x).map(|(_, batch)| *batch);
        batch.into_iter().for_each(|batch| actions.push(Action::ShowBatch(Some(batch))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_round_and_few() {
        let from = Timestamp::VIRTUAL_START.plus(Span::from_secs(7));
        let found = labels(from, from.plus(Span::from_secs(300)), 6.0);
        assert!((2..=6).contains(&found.len()), "{found:?}");
        assert!(found.iter().all(|time| time.0 % 60_000_000 == 0), "{found:?}");
        assert_eq!(labels(from, from, 6.0), []);
    }
}
