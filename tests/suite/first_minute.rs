//! The first minute, as a newcomer has it: one click opens the word count, one key runs it, and numbers move everywhere.
//! Besides, what the window says of its document.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, DroppedFile, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use serde_json::json;
use weir::action::Selection;
use weir::app::{Services, WeirApp};
use weir::files::MemoryFiles;
use weir::i18n::{tr, trf};
use weir_engine::format;

use crate::by_hand::{ByHand, batch};
use crate::shell::{click, designer, designer_with, shows};
use crate::support::{Draw, id_of};

type Designer = Harness<'static, WeirApp>;

fn has_label(harness: &Designer, role: Role, start: &str, part: &str) -> bool {
    harness
        .query_all_by_role(role)
        .filter_map(|node| node.accesskit_node().label())
        .any(|label| label.starts_with(start) && label.contains(part))
}

#[test]
fn one_click_opens_the_word_count_and_one_key_counts_words() {
    let engine = ByHand::default();
    let mut services = Services::headless(MemoryFiles::default());
    services.settings.show_welcome = true;
    services.start_engine = engine.starts();
    let mut harness = designer_with(services);
    assert!(
        shows(&harness, tr("welcome.recent")) && shows(&harness, tr("welcome.samples")),
        "the welcome view is there"
    );
    harness.key_press(Key::F5);
    harness.run_steps(4);
    assert!(!shows(&harness, tr("welcome.recent")), "running closes it");
    batch(&mut harness, &engine);
    batch(&mut harness, &engine);
    let state = &harness.state().state;
    let report = state.live.history.latest().expect("a batch is done");
    let table = id_of(state.document.pipeline(), "table");
    assert_eq!(report.node(table).map(|node| node.rows_in), Some(10), "the ten most frequent words");
    let wire = [("from", "lines"), ("output", "out"), ("to", "words"), ("input", "in")];
    assert!(has_label(&harness, Role::Button, &trf("canvas.access.wire", &wire), "/s"), "numbers move on the wires");
    let plot = tr("plots.processing_time");
    assert!(has_label(&harness, Role::Image, plot, &report.batch.to_string()), "the plots draw");
    harness.get_by_label("Data").click();
    harness.run_steps(3);
    assert!(shows(&harness, "word") && shows(&harness, "count"), "and the words are listed");
}

#[test]
fn a_file_dropped_on_the_window_opens() {
    let (mut harness, files) = designer();
    files.put("/home/dropped.weir.json", format::save(&Draw::new().node("dropped", "union", json!({})).pipeline));
    harness.input_mut().dropped_files.push(Arc::new(Dropped("/home/dropped.weir.json".into())));
    harness.run_steps(4);
    assert_eq!(harness.state().state.title(), "dropped");
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window reads files by their path".to_owned())
    }
}

/// The title the window was last asked to bear.
fn title(harness: &Designer) -> Option<String> {
    let commands = harness.output().viewport_output.values().flat_map(|viewport| &viewport.commands);
    let titles = commands.cloned().filter_map(|command| match command {
        egui::ViewportCommand::Title(title) => Some(title),
        _ => None,
    });
    titles.max()
}

#[test]
fn the_title_says_what_is_open_and_whether_it_is_saved() {
    let (mut harness, _) = designer();
    let edit = rename(&harness);
    harness.state_mut().state.document.edit("rename", edit).expect("the edit fits");
    harness.run_steps(1);
    assert_eq!(title(&harness).as_deref(), Some("• word_count — Weir"));
    harness.state_mut().state.document.undo();
    harness.run_steps(1);
    assert_eq!(title(&harness).as_deref(), Some("word_count — Weir"));
}

fn rename(harness: &Designer) -> weir_engine::pipeline::Edit {
    let node = id_of(harness.state().state.document.pipeline(), "lines");
    weir_engine::pipeline::Edit::Rename { node, name: "input".to_owned() }
}

#[test]
fn what_is_done_about_overload_is_chosen_in_the_toolbar() {
    use weir_engine::pipeline::Backpressure;
    let (mut harness, _) = designer();
    // The pipeline's settings, where the same can be chosen, give way to a node.
    let lines = id_of(harness.state().state.document.pipeline(), "lines");
    harness.state_mut().state.selection = Selection::node(lines);
    harness.run_ok();
    let open = |harness: &mut Designer, shown: &str| {
        harness.get_by_label(&format!("{}: {shown}", tr("toolbar.overload"))).click();
        harness.run_ok();
    };
    open(&mut harness, tr("toolbar.queue"));
    click(&mut harness, tr("inspector.settings.backpressure.spark"));
    let shown = format!("{} + {}", tr("toolbar.queue"), tr("inspector.settings.backpressure"));
    open(&mut harness, &shown);
    click(&mut harness, tr("toolbar.merge"));
    let settings = harness.state().state.document.pipeline().settings().clone();
    assert_eq!(settings.rates.backpressure, Backpressure::Spark);
    assert_eq!(settings.when_late, weir_engine::pipeline::WhenLate::Merge);
    let document = &mut harness.state_mut().state.document;
    document.undo();
    document.undo();
    assert_eq!(document.pipeline().settings().rates.backpressure, Backpressure::Off, "each is one step");
}

/// The environment belongs to the whole process, so that another one is started without a display.
#[cfg(target_os = "linux")]
#[test]
fn without_a_display_one_sentence_says_so_and_names_what_works_without() {
    const ALONE: &str = "WEIR_TEST_DISPLAY_ALONE";
    if std::env::var_os(ALONE).is_some() {
        let code = weir::window::open(None);
        assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::FAILURE));
        return;
    }
    let name = "first_minute::without_a_display_one_sentence_says_so_and_names_what_works_without";
    let mut child = std::process::Command::new(std::env::current_exe().expect("this is a program"));
    for display in ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"] {
        child.env_remove(display);
    }
    let ran = child.args([name, "--exact", "--nocapture"]).env(ALONE, "1").output().expect("it starts");
    let (said, told) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && said.contains("1 passed"), "{said}\n{told}");
    let sentences: Vec<&str> = told.lines().filter(|line| line.starts_with("weir: ")).collect();
    assert!(
        sentences.len() == 1 && sentences[0].contains("no display") && sentences[0].contains("`weir run FILE`"),
        "{told}"
    );
}
