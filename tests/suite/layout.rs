//! The window holds its words: in every language, in a small window, at double size; and at rest it does nothing.

use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use weir::app::{Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::i18n::Language;
use weir::settings::Settings;
use weir_engine::spec::Span;

use crate::shell::perform;

const LANGUAGES: [Language; 3] = [Language::English, Language::Chinese, Language::Stretched];

fn window(size: eframe::egui::Vec2, language: Language) -> Harness<'static, WeirApp> {
    let services = Services::headless(MemoryFiles::default());
    let settings = Settings { language: Some(language.tag().to_owned()), ..services.settings.clone() };
    let app = WeirApp::new(Services { settings, ..services });
    let builder = Harness::builder().with_size(size).with_max_steps(32).allow_missing_glyphs();
    let mut harness = builder.build_ui_state(|ui, app: &mut WeirApp| app.ui(ui), app);
    harness.run_ok();
    harness
}

/// What can be pressed or typed into, with its name and place.
fn controls(harness: &Harness<'static, WeirApp>) -> Vec<(String, Rect)> {
    let roles = [Role::Button, Role::TextInput, Role::Slider, Role::ComboBox, Role::CheckBox, Role::RadioButton];
    harness
        .query_all_by(|node| roles.contains(&node.role()))
        .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
        .collect()
}

#[test]
fn menu_and_toolbar_fit_a_small_window_in_every_language() {
    for language in LANGUAGES {
        let size = vec2(1_280.0, 720.0);
        let harness = window(size, language);
        let bar: Vec<_> = controls(&harness).into_iter().filter(|(_, rect)| rect.max.y < 100.0).collect();
        assert!(bar.len() > 8, "{language:?}: the bars are found");
        for (index, (name, rect)) in bar.iter().enumerate() {
            assert!(rect.min.x >= 0.0 && rect.max.x <= size.x, "{language:?}: `{name}` leaves the window: {rect:?}");
            for (other, place) in &bar[index + 1..] {
                let overlap = rect.intersect(*place);
                let is_apart = overlap.width() <= 1.0 || overlap.height() <= 1.0;
                assert!(is_apart, "{language:?}: `{name}` and `{other}` lie on each other: {rect:?} {place:?}");
            }
        }
    }
}

#[test]
fn dialogs_fit_a_small_window_in_every_language() {
    for language in LANGUAGES {
        for command in [Command::Settings, Command::About, Command::Shortcuts, Command::Welcome] {
            let size = vec2(800.0, 520.0);
            let mut harness = window(size, language);
            perform(&mut harness, command);
            let close = harness.query_all_by_label_contains(weir::i18n::tr("dialog.close")).next();
            let Some(close) = close else { continue };
            let rect = close.rect();
            assert!(rect.min.x >= 0.0 && rect.max.x <= size.x, "{language:?} {command:?}: {rect:?}");
        }
    }
}

#[test]
fn the_choices_of_the_settings_lie_apart_in_every_language() {
    for language in LANGUAGES {
        for size in [vec2(1_440.0, 900.0), vec2(800.0, 520.0)] {
            let mut harness = window(size, language);
            perform(&mut harness, Command::Settings);
            harness.run_steps(4);
            let choices: Vec<_> = harness
                .query_all_by(|node| [Role::RadioButton, Role::CheckBox].contains(&node.role()))
                .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
                .collect();
            assert!(choices.len() >= 8, "{language:?}: {choices:?}");
            for (index, (name, rect)) in choices.iter().enumerate() {
                assert!(rect.max.x <= size.x, "{language:?} {size}: `{name}` leaves the window: {rect:?}");
                for (other, place) in &choices[index + 1..] {
                    let overlap = rect.intersect(*place);
                    let is_apart = overlap.width() <= 1.0 || overlap.height() <= 1.0;
                    assert!(is_apart, "{language:?} {size}: `{name}` lies on `{other}`: {rect:?} {place:?}");
                }
            }
        }
    }
}

#[test]
fn in_a_window_at_double_size_the_toolbar_leaves_out_what_does_not_fit() {
    for language in [Language::English, Language::Chinese] {
        let size = vec2(640.0, 400.0);
        let harness = window(size, language);
        let bar: Vec<_> =
            controls(&harness).into_iter().filter(|(_, rect)| (40.0..100.0).contains(&rect.center().y)).collect();
        assert!(bar.len() >= 5, "{language:?}: the run and its interval are there: {bar:?}");
        for (index, (name, rect)) in bar.iter().enumerate() {
            assert!(rect.max.x <= size.x, "{language:?}: `{name}` leaves the window: {rect:?}");
            for (other, place) in &bar[index + 1..] {
                assert!(rect.intersect(*place).width() <= 1.0, "{language:?}: `{name}` lies on `{other}`");
            }
        }
    }
}

#[test]
fn at_rest_no_frame_is_drawn() {
    let mut harness = window(vec2(1_280.0, 720.0), Language::English);
    // Whatever settles after the start has had its time.
    for _ in 0..200 {
        harness.step();
    }
    let outputs = &harness.output().viewport_output;
    let soonest = outputs.values().map(|output| output.repaint_delay).min().expect("there is a window");
    assert!(soonest.as_secs() >= 10, "the next frame would come in {soonest:?}");
}

#[test]
fn settings_act_at_once_and_are_remembered() {
    let files = MemoryFiles::default();
    let app = WeirApp::new(Services::headless(files.clone()));
    let builder = Harness::builder().with_size(vec2(1_280.0, 720.0)).with_max_steps(32).allow_missing_glyphs();
    let mut harness = builder.build_ui_state(|ui, app: &mut WeirApp| app.ui(ui), app);
    harness.run_ok();
    perform(&mut harness, Command::Settings);
    harness.get_by_label("简体中文").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("设置").is_some(), "the dialog itself speaks Chinese now");
    assert!(files.settings().is_some_and(|text| text.contains("zh-CN")));
    assert_eq!(harness.state().state.document.pipeline().settings().interval, Span::from_secs(1));
    assert!(!harness.state().state.document.is_dirty(), "settings are no part of the pipeline");
}
