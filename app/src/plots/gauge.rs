//! The headroom gauge of the toolbar: how much of the batch interval a batch takes, as a bar and in words.

use eframe::egui::{self, Align2, Color32, Rect, Sense, TextStyle, WidgetInfo, accesskit::Role, vec2};
use weir_engine::metrics::{Verdict, judge};

use super::{units, verdict};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::theme::Theme;

/// The gauge never changes its width, so that the toolbar does not move.
const WIDTH: f32 = 180.0;
/// Height of the bar under the words.
const BAR_HEIGHT: f32 = 4.0;
/// The used part of the interval from which the bar warns.
const TIGHT: f64 = 0.8;

/// One line for the toolbar: headroom and stability in words, with a small gauge.
pub fn headroom_ui(ui: &mut egui::Ui, state: &AppState) {
    let verdict = if state.live.is_active() { judge(state.live.history.recent()) } else { None };
    let words = verdict.as_ref().map_or_else(|| "—".to_owned(), words);
    let height = ui.spacing().interact_size.y.max(ui.text_style_height(&TextStyle::Small) + BAR_HEIGHT + 4.0);
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH, height), Sense::hover());
    let name = format!("{}: {words}", tr("plots.headroom_gauge"));
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, &name));
    if ui.is_rect_visible(rect) {
        paint(ui, rect, state, verdict.as_ref(), words);
    }
    response
        .on_hover_text(verdict.map_or_else(|| tr("plots.no_run").to_owned(), |verdict| verdict::sentence(&verdict)));
}

fn paint(ui: &egui::Ui, rect: Rect, state: &AppState, verdict: Option<&Verdict>, words: String) {
    let theme = &state.theme;
    let color = verdict.map_or(theme.text_weak, |verdict| color(verdict, theme));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let bar = Rect::from_min_max(
        egui::pos2(rect.left(), rect.bottom() - BAR_HEIGHT - 1.0),
        rect.right_bottom() - vec2(0.0, 1.0),
    );
    let text_at = egui::pos2(rect.left(), f32::midpoint(rect.top(), bar.top()));
    painter.text(text_at, Align2::LEFT_CENTER, words, TextStyle::Small.resolve(ui.style()), color);
    painter.rect_filled(bar, BAR_HEIGHT / 2.0, theme.border);
    if let Some(verdict) = verdict {
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
        let used = (1.0 - verdict.headroom).clamp(0.0, 1.0) as f32;
        let filled = Rect::from_min_size(bar.min, vec2(bar.width() * used, bar.height()));
        painter.rect_filled(filled, BAR_HEIGHT / 2.0, color);
    }
}

fn words(verdict: &Verdict) -> String {
    let percent = units::percent(verdict.headroom);
    match verdict.forecast {
        None => trf("plots.headroom", &[("percent", &percent)]),
        Some(forecast) => trf(
            "plots.headroom_behind",
            &[
                ("percent", &percent),
                ("behind", &units::span(forecast.behind)),
                ("within", &units::span(forecast.within)),
            ],
        ),
    }
}

fn color(verdict: &Verdict, theme: &Theme) -> Color32 {
    if !verdict.stable {
        theme.error
    } else if verdict.utilisation > TIGHT || 1.0 - verdict.headroom > TIGHT {
        theme.warning
    } else {
        theme.good
    }
}
