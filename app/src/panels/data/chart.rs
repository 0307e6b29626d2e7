//! A chart sink, drawn: lines, bars or a gauge from the columns its parameters name. Points are computed once when rows
//! come, not in every frame.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{self, Align2, Color32, FontId, Rect, Sense, accesskit::Role, pos2, vec2};
use egui_plot::{AxisHints, Bar, BarChart, Legend, Line, Plot, PlotPoints};
use weir_engine::arrow::array::{Array, ArrayRef, AsArray};
use weir_engine::arrow::compute::cast;
use weir_engine::arrow::datatypes::{DataType, Float64Type, Int64Type};
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::arrow::util::display::{ArrayFormatter, FormatOptions};
use weir_engine::runtime::Presented;
use weir_engine::spec::{Params, Timestamp};

use crate::i18n::{tr, trf};
use crate::plots::units;
use crate::theme::Theme;

/// Series drawn at most: more are a tangle.
const MAX_SERIES: usize = 24;
/// Points kept of a series unless the parameters say otherwise.
const KEEP: usize = 200;
/// Bars drawn at most.
const MAX_BARS: usize = 60;

/// How the numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Style {
    #[default]
    Line,
    Bar,
    Gauge,
}

/// What the parameters ask for.
#[derive(Debug, Clone, Default, PartialEq)]
struct Wish {
    style: Style,
    x: Option<String>,
    y: Vec<String>,
    by: Option<String>,
    keep: usize,
}

/// A chart ready to be drawn.
#[derive(Debug, Default)]
pub(super) struct Chart {
    wish: Wish,
    /// The sink and its newest batch that this was made of.
    made_of: Option<(u64, u64, usize)>,
    series: BTreeMap<String, Vec<[f64; 2]>>,
    /// For bars: what stands under each.
    labels: Vec<String>,
    is_time: bool,
    hidden: usize,
}

impl Chart {
    /// Takes in what the sink showed, oldest first; up to the batch that is shown, if one is.
    pub(super) fn set(&mut self, params: &Params, shown: &[&Arc<Presented>]) {
        let wish = Wish::read(params);
        let newest = shown.last().map(|newest| (newest.node.0, newest.batch, shown.len()));
        if self.made_of == newest && self.wish == wish {
            return;
        }
        *self = Self { wish, made_of: newest, ..Self::default() };
        let from = if self.wish.style == Style::Line { 0 } else { shown.len().saturating_sub(1) };
        for presented in shown.get(from..).unwrap_or_default() {
            for rows in &presented.rows {
                self.take(rows, presented.time);
            }
        }
        let keep = self.wish.keep;
        self.series.values_mut().for_each(|points| {
            let surplus = points.len().saturating_sub(keep);
            points.drain(..surplus);
        });
        if self.series.len() > MAX_SERIES {
            let mut newest: Vec<_> = self
                .series
                .iter()
                .map(|(name, points)| (points.last().map_or(0.0, |point| point[1]), name.clone()))
                .collect();
            newest.sort_by(|a, b| b.0.total_cmp(&a.0));
            self.hidden = newest.len() - MAX_SERIES;
            newest.into_iter().skip(MAX_SERIES).for_each(|(_, name)| {
                self.series.remove(&name);
            });
        }
    }

    fn take(&mut self, rows: &RecordBatch, time: Timestamp) {
        let column = |name: &str| {
            let fields = rows.schema_ref().fields();
            fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)).map(|at| rows.column(at))
        };
        let x = self.wish.x.as_deref().map_or_else(|| column("window_end"), column);
        let places = self.places(rows, x, time);
        let by = self.wish.by.as_deref().and_then(column);
        let options = FormatOptions::default();
        let by = by.and_then(|by| ArrayFormatter::try_new(by.as_ref(), &options).ok());
        for name in self.wish.y.clone() {
            let Some(values) = column(&name).and_then(|column| cast(column, &DataType::Float64).ok()) else { continue };
            let values = values.as_primitive::<Float64Type>();
            for (row, place) in places.iter().enumerate() {
                let Some(place) = place.filter(|_| values.is_valid(row)) else { continue };
                let value = values.value(row);
                let key = match &by {
                    Some(by) if self.wish.y.len() > 1 => format!("{} · {name}", by.value(row)),
                    Some(by) => by.value(row).to_string(),
                    None => name.clone(),
                };
                if value.is_finite() {
                    self.series.entry(key).or_default().push([place, value]);
                }
            }
        }
    }

    /// Where each row lies along the axis.
    fn places(&mut self, rows: &RecordBatch, x: Option<&ArrayRef>, time: Timestamp) -> Vec<Option<f64>> {
        let count = rows.num_rows();
        if self.wish.style == Style::Bar {
            let formatter = x.and_then(|x| ArrayFormatter::try_new(x.as_ref(), &FormatOptions::default()).ok());
            return (0..count.min(MAX_BARS))
                .map(|row| {
                    let label = formatter.as_ref().map_or_else(|| (row + 1).to_string(), |x| x.value(row).to_string());
                    let known = self.labels.iter().position(|known| *known == label);
                    let place = known.unwrap_or_else(|| {
                        self.labels.push(label);
                        self.labels.len() - 1
                    });
                    Some(place as f64)
                })
                .collect();
        }
        let Some(x) = x else {
            self.is_time = true;
            return vec![Some(time.0 as f64 / 1e6); count];
        };
        if matches!(x.data_type(), DataType::Timestamp(_, _)) {
            self.is_time = true;
            let micros = DataType::Timestamp(weir_engine::arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
            let times = cast(x, &micros).and_then(|times| cast(&times, &DataType::Int64));
            let Ok(times) = times else { return vec![None; count] };
            let times = times.as_primitive::<Int64Type>();
            return (0..count).map(|row| times.is_valid(row).then(|| times.value(row) as f64 / 1e6)).collect();
        }
        let Ok(numbers) = cast(x, &DataType::Float64) else { return vec![None; count] };
        let numbers = numbers.as_primitive::<Float64Type>();
        (0..count).map(|row| numbers.is_valid(row).then(|| numbers.value(row))).collect()
    }

    /// Draws it over all the room there is.
    pub(super) fn ui(&self, ui: &mut egui::Ui, theme: &Theme) {
        if self.hidden > 0 {
            let text = trf("data.series_hidden", &[("count", &self.hidden.to_string())]);
            ui.label(egui::RichText::new(text).small().color(theme.text_weak));
        }
        match self.wish.style {
            Style::Line | Style::Bar => self.plot_ui(ui, theme),
            Style::Gauge => self.gauges_ui(ui, theme),
        }
    }

    fn plot_ui(&self, ui: &mut egui::Ui, theme: &Theme) {
        let (is_time, labels) = (self.is_time, self.labels.clone());
        let is_bar = self.wish.style == Style::Bar;
        let x_axis = AxisHints::new_x()
            .formatter(move |mark, _| x_label(mark.value, is_time, is_bar, &labels))
            .tick_label_color(theme.text_weak);
        let y_axis = AxisHints::new_y()
            .formatter(|mark, _| units::compact(mark.value))
            .tick_label_color(theme.text_weak)
            .min_thickness(48.0);
        let mut plot = Plot::new("chart sink")
            .custom_x_axes(vec![x_axis])
            .custom_y_axes(vec![y_axis])
            .grid_color(theme.border)
            .include_y(0.0)
            .allow_scroll(false)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_boxed_zoom(false);
        if self.series.len() > 1 {
            plot = plot.legend(Legend::default());
        }
        let count = self.series.len();
        let shown = plot.show(ui, |plot| {
            for (index, (name, points)) in self.series.iter().enumerate() {
                let color = color_of(theme, index);
                if is_bar {
                    let width = 0.8 / count as f64;
                    let shift = (index as f64 - (count as f64 - 1.0) / 2.0) * width;
                    let bars = points.iter().map(|point| Bar::new(point[0] + shift, point[1]).width(width).fill(color));
                    plot.bar_chart(BarChart::new(name.clone(), bars.collect()).color(color));
                } else {
                    plot.line(Line::new(name.clone(), PlotPoints::from(points.clone())).color(color).width(1.75));
                }
            }
        });
        let words = self.description();
        shown.response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &words));
    }

    /// Large numbers, each over a bar from the least to the most of all of them.
    fn gauges_ui(&self, ui: &mut egui::Ui, theme: &Theme) {
        let newest: Vec<(&String, f64)> =
            self.series.iter().filter_map(|(name, points)| Some((name, points.last()?[1]))).collect();
        let most = newest.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        egui::ScrollArea::vertical().id_salt("gauges").auto_shrink(false).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                for (index, (name, value)) in newest.into_iter().enumerate() {
                    gauge_ui(ui, theme, name, value, value.abs() / most, color_of(theme, index));
                }
            });
        });
    }

    /// What a screen reader says: each series with its newest value.
    fn description(&self) -> String {
        let newest = self
            .series
            .iter()
            .filter_map(|(name, points)| Some(format!("{name} {}", units::compact(points.last()?[1]))));
        format!("{}: {}", tr("data.chart"), newest.collect::<Vec<_>>().join(", "))
    }
}

impl Wish {
    fn read(params: &Params) -> Self {
        let text = |name: &str| params.get(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
        let y = params.get("y").and_then(|value| value.as_array());
        let keep = params.get("keep").and_then(serde_json::Value::as_u64);
        Self {
            style: match text("type") {
                Some("bar") => Style::Bar,
                Some("gauge") => Style::Gauge,
                Some(_) | None => Style::Line,
            },
            x: text("x").map(str::to_owned),
            y: y.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
            by: text("by").map(str::to_owned),
            keep: keep.and_then(|keep| usize::try_from(keep).ok()).unwrap_or(KEEP),
        }
    }
}

fn gauge_ui(ui: &mut egui::Ui, theme: &Theme, name: &str, value: f64, part: f64, color: Color32) {
    let (rect, response) = ui.allocate_exact_size(vec2(168.0, 84.0), Sense::hover());
    let number = units::compact(value);
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Meter, true, format!("{name}: {number}")));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 8.0, theme.surface_raised);
    let inner = rect.shrink(12.0);
    painter.text(inner.left_top(), Align2::LEFT_TOP, name, FontId::proportional(12.0), theme.text_weak);
    let at = pos2(inner.left(), inner.center().y + 6.0);
    painter.text(at, Align2::LEFT_CENTER, &number, FontId::proportional(26.0), theme.text);
    let track = Rect::from_min_max(pos2(inner.left(), inner.bottom() - 5.0), inner.max);
    painter.rect_filled(track, 2.5, theme.border);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
    let filled = Rect::from_min_size(track.min, vec2(track.width() * part.clamp(0.0, 1.0) as f32, track.height()));
    painter.rect_filled(filled, 2.5, color);
}

fn x_label(value: f64, is_time: bool, is_bar: bool, labels: &[String]) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a label's place, or microseconds")]
    if is_bar {
        let is_whole = (value - value.round()).abs() < 1e-6 && value > -0.5;
        let place = usize::try_from(value.round() as i64).ok().filter(|_| is_whole);
        place.and_then(|place| labels.get(place)).cloned().unwrap_or_default()
    } else if is_time {
        units::clock_time(Timestamp((value * 1e6).round() as i64))
    } else {
        units::compact(value)
    }
}

fn color_of(theme: &Theme, index: usize) -> Color32 {
    theme.series[index % theme.series.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_engine::arrow::array::{Int64Array, StringViewArray, TimestampMicrosecondArray};
    use weir_engine::spec::{NodeId, Span};

    use super::*;

    fn shown(batch: u64, words: &[&str], counts: &[i64]) -> Arc<Presented> {
        let end = Timestamp::VIRTUAL_START.plus(Span::from_secs(10 * i64::try_from(batch).unwrap()));
        let ends: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![end.0; words.len()]).with_timezone("UTC"));
        let words: ArrayRef = Arc::new(StringViewArray::from(words.to_vec()));
        let counts: ArrayRef = Arc::new(Int64Array::from(counts.to_vec()));
        let rows = RecordBatch::try_from_iter([("window_end", ends), ("word", words), ("count", counts)]).unwrap();
        Arc::new(Presented {
            node: NodeId(1),
            name: "chart".to_owned(),
            batch,
            time: end,
            schema: rows.schema(),
            total_rows: rows.num_rows() as u64,
            rows: vec![rows],
        })
    }

    fn chart(params: serde_json::Value, shown: &[Arc<Presented>]) -> Chart {
        let mut chart = Chart::default();
        chart.set(params.as_object().unwrap(), &shown.iter().collect::<Vec<_>>());
        chart
    }

    fn two() -> [Arc<Presented>; 2] {
        [shown(1, &["a", "b"], &[2, 1]), shown(2, &["a"], &[5])]
    }

    #[test]
    fn a_line_for_each_value_over_the_ends_of_windows() {
        let chart = chart(json!({"y": ["count"], "by": "word"}), &two());
        let start = Timestamp::VIRTUAL_START.0 as f64 / 1e6;
        assert_eq!(chart.series["a"], [[start + 10.0, 2.0], [start + 20.0, 5.0]]);
        assert_eq!(chart.series["b"], [[start + 10.0, 1.0]]);
        assert!(chart.is_time);
    }

    #[test]
    fn bars_are_those_of_the_newest_batch_with_their_words() {
        let chart = chart(json!({"type": "bar", "x": "word", "y": ["count"]}), &two());
        assert_eq!(chart.labels, ["a"]);
        assert_eq!(chart.series["count"], [[0.0, 5.0]]);
        assert_eq!(x_label(0.0, false, true, &chart.labels), "a");
        assert_eq!(x_label(0.5, false, true, &chart.labels), "");
    }

    #[test]
    fn each_line_keeps_its_newest_points() {
        let many: Vec<_> = (1..50).map(|batch| shown(batch, &["a"], &[7])).collect();
        let chart = chart(json!({"y": ["count"], "by": "word", "keep": 10}), &many);
        assert_eq!(chart.series["a"].len(), 10);
    }

    #[test]
    fn of_very_many_lines_the_largest_are_drawn_and_the_rest_is_told() {
        let words: Vec<String> = (0..100).map(|word| format!("w{word}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let counts: Vec<i64> = (0..100).collect();
        let chart = chart(json!({"y": ["count"], "by": "word"}), &[shown(1, &words, &counts)]);
        assert_eq!((chart.series.len(), chart.hidden), (MAX_SERIES, 100 - MAX_SERIES));
        assert!(chart.series.contains_key("w99") && !chart.series.contains_key("w5"));
    }
}
