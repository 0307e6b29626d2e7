//! The pipeline's own settings, shown while nothing is selected. All of them act live.

mod control;

use eframe::egui::{self, RichText, TextEdit};
use weir_engine::pipeline::{Edit, Setting, Settings, Trigger, WatermarkPolicy, WhenLate};
use weir_engine::spec::{Diagnostic, Severity, Span, Timestamp, duration};

use crate::action::Actions;
use crate::i18n::{tr, trf};
use crate::state::AppState;

use super::section::{fact_ui, note_ui};
use super::{draft, figures, gesture, problems};

/// Draws the settings.
pub(super) fn settings_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let settings = state.document.pipeline().settings();
    ui.label(RichText::new(tr("inspector.pipeline")).heading().color(state.theme.text));
    note_ui(ui, tr("inspector.pipeline.help"), &state.theme);
    ui.add_space(6.0);
    let whole = state.analysis.diagnostics.iter().filter(|problem| problem.node.is_none());
    problems::problems_ui(ui, whole, &state.theme);
    let mut form = Form { state, actions };
    form.interval_ui(ui, settings);
    form.when_late_ui(ui, settings);
    form.trigger_ui(ui, settings);
    form.watermark_policy_ui(ui, settings);
    form.backpressure_ui(ui, settings);
    form.auto_interval_ui(ui, settings);
    form.text_ui(
        ui,
        "inspector.settings.max_queued_batches",
        settings.max_queued_batches,
        read_count,
        Setting::MaxQueuedBatches,
    );
    form.text_ui(
        ui,
        "inspector.settings.max_buffered_rows",
        settings.max_buffered_rows,
        read_count,
        Setting::MaxBufferedRows,
    );
    form.text_ui(
        ui,
        "inspector.settings.max_buffered_bytes",
        settings.max_buffered_bytes,
        read_count,
        Setting::MaxBufferedBytes,
    );
    form.text_ui(
        ui,
        "inspector.settings.max_state_bytes",
        settings.max_state_bytes,
        read_count,
        Setting::MaxStateBytes,
    );
    form.text_ui(ui, "inspector.settings.seed", settings.seed, read_seed, Setting::Seed);
    form.text_ui(ui, "inspector.settings.start_time", settings.start_time, read_time, Setting::StartTime);
    counts_ui(ui, state);
}

/// One setting after the other.
struct Form<'a> {
    state: &'a AppState,
    actions: &'a mut Actions,
}

impl Form<'_> {
    fn interval_ui(&mut self, ui: &mut egui::Ui, settings: &Settings) {
        let key = "inspector.settings.interval";
        let label = self.title_ui(ui, key);
        self.field_ui(ui, key, label, settings.interval, read_interval, Setting::Interval);
        let (min, max) = (Settings::MIN_INTERVAL, Settings::MAX_INTERVAL);
        let (response, moved) = super::duration::slider_ui(ui, settings.interval, min, max);
        let response = response.labelled_by(label);
        if let Some(span) = moved {
            self.set(ui, Some(response.id), key, Setting::Interval(span));
        }
        self.help_ui(ui, key);
    }

    fn when_late_ui(&mut self, ui: &mut egui::Ui, settings: &Settings) {
        let key = "inspector.settings.when_late";
        let options = [
            (WhenLate::Queue, "inspector.settings.when_late.queue"),
            (WhenLate::Merge, "inspector.settings.when_late.merge"),
        ];
        self.choice_ui(ui, key, settings.when_late, &options, Setting::WhenLate);
    }

    fn trigger_ui(&mut self, ui: &mut egui::Ui, settings: &Settings) {
        let key = "inspector.settings.trigger";
        let options = [
            (Trigger::Interval, "inspector.settings.trigger.interval"),
            (Trigger::AsSoonAsPossible, "inspector.settings.trigger.asap"),
        ];
        self.choice_ui(ui, key, settings.trigger, &options, Setting::Trigger);
    }

    fn watermark_policy_ui(&mut self, ui: &mut egui::Ui, settings: &Settings) {
        let key = "inspector.settings.watermark_policy";
        let options = [
            (WatermarkPolicy::Min, "inspector.settings.watermark_policy.min"),
            (WatermarkPolicy::Max, "inspector.settings.watermark_policy.max"),
        ];
        self.choice_ui(ui, key, settings.watermark_policy, &options, Setting::WatermarkPolicy);
    }

    fn choice_ui<T: Copy + PartialEq>(
        &mut self,
        ui: &mut egui::Ui,
        key: &'static str,
        now: T,
        options: &[(T, &'static str)],
        setting: fn(T) -> Setting,
    ) {
        self.title_ui(ui, key);
        let theme = &self.state.theme;
        let mut chosen = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
            for (option, title) in options {
                let is_chosen = *option == now;
                let color = if is_chosen { theme.on_accent } else { theme.text };
                let mut button = egui::Button::new(RichText::new(tr(title)).color(color)).selected(is_chosen);
                if is_chosen {
                    button = button.fill(theme.accent);
                }
                if ui.add(button).clicked() && !is_chosen {
                    chosen = Some(*option);
                }
            }
        });
        if let Some(option) = chosen {
            self.set(ui, None, key, setting(option));
        }
        self.help_ui(ui, key);
    }

    fn text_ui<T>(
        &mut self,
        ui: &mut egui::Ui,
        key: &'static str,
        now: T,
        read: fn(&str) -> Result<T, String>,
        setting: fn(T) -> Setting,
    ) where
        T: Copy + PartialEq + ToString + Send + Sync + 'static,
    {
        let label = self.title_ui(ui, key);
        self.field_ui(ui, key, label, now, read, setting);
        self.help_ui(ui, key);
    }

    /// A text field whose content is taken over as soon as it can be read, and explained as long as it cannot.
    fn field_ui<T>(
        &mut self,
        ui: &mut egui::Ui,
        key: &'static str,
        label: egui::Id,
        now: T,
        read: fn(&str) -> Result<T, String>,
        setting: fn(T) -> Setting,
    ) where
        T: Copy + PartialEq + ToString + Send + Sync + 'static,
    {
        let id = egui::Id::unique(("inspector setting", key));
        let mut text = draft::load(ui, id, &now, ToString::to_string);
        let edit = TextEdit::singleline(&mut text).id(id).desired_width(f32::INFINITY);
        let response = ui.add(edit).labelled_by(label);
        let value = read(&text);
        if response.changed() {
            draft::store(ui, id, text, *value.as_ref().unwrap_or(&now));
            if let Ok(value) = &value
                && *value != now
            {
                self.set(ui, Some(id), key, setting(*value));
            }
        }
        if let Err(wrong) = value {
            problems::sentence_ui(ui, Severity::Error, &wrong, &self.state.theme);
        }
    }

    fn set(&mut self, ui: &egui::Ui, held_by: Option<egui::Id>, key: &'static str, setting: Setting) {
        let label = trf("inspector.step.set", &[("param", tr(key))]);
        gesture::before_edit(ui.ctx(), held_by, self.state.document.in_gesture(), &label, self.actions);
        self.actions.edit(label, Edit::Set(setting));
    }

    fn title_ui(&self, ui: &mut egui::Ui, key: &'static str) -> egui::Id {
        ui.label(RichText::new(tr(key)).color(self.state.theme.text)).id
    }

    fn help_ui(&self, ui: &mut egui::Ui, key: &'static str) {
        note_ui(ui, help_of(key), &self.state.theme);
        ui.add_space(6.0);
    }
}

/// The explanation under a setting.
fn help_of(key: &'static str) -> &'static str {
    match key {
        "inspector.settings.interval" => tr("inspector.settings.interval.help"),
        "inspector.settings.when_late" => tr("inspector.settings.when_late.help"),
        "inspector.settings.trigger" => tr("inspector.settings.trigger.help"),
        "inspector.settings.watermark_policy" => tr("inspector.settings.watermark_policy.help"),
        "inspector.settings.max_queued_batches" => tr("inspector.settings.max_queued_batches.help"),
        "inspector.settings.max_buffered_rows" => tr("inspector.settings.max_buffered_rows.help"),
        "inspector.settings.max_buffered_bytes" => tr("inspector.settings.max_buffered_bytes.help"),
        "inspector.settings.max_state_bytes" => tr("inspector.settings.max_state_bytes.help"),
        "inspector.settings.seed" => tr("inspector.settings.seed.help"),
        "inspector.settings.start_time" => tr("inspector.settings.start_time.help"),
        other => control::help_of(other).unwrap_or_default(),
    }
}

fn read_interval(text: &str) -> Result<Span, String> {
    let (min, max) = (Settings::MIN_INTERVAL, Settings::MAX_INTERVAL);
    let span = duration::parse(text)?;
    if span < min || span > max {
        let (min, max) = (min.to_string(), max.to_string());
        return Err(trf("inspector.settings.interval.bounds", &[("min", &min), ("max", &max)]));
    }
    Ok(span)
}

/// Reads a whole number from one up; digits may be grouped.
fn read_count<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let number = digits.parse::<u64>().ok().filter(|number| *number >= 1).and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| tr("inspector.settings.count").to_owned())
}

fn read_seed(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| tr("inspector.settings.whole").to_owned())
}

fn read_time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| tr("inspector.settings.time").to_owned())
}

fn counts_ui(ui: &mut egui::Ui, state: &AppState) {
    let pipeline = state.document.pipeline();
    let count = |number: usize| figures::count(number as u64);
    let problems = &state.analysis.diagnostics;
    let errors = problems.iter().filter(|problem| Diagnostic::is_error(problem)).count();
    ui.separator();
    fact_ui(ui, tr("inspector.counts.nodes"), &count(pipeline.node_count()), &state.theme);
    fact_ui(ui, tr("inspector.counts.wires"), &count(pipeline.wires().len()), &state.theme);
    fact_ui(ui, tr("inspector.counts.errors"), &count(errors), &state.theme);
    fact_ui(ui, tr("inspector.counts.warnings"), &count(problems.len() - errors), &state.theme);
}
