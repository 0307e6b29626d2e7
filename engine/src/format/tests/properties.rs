//! Laws of the document and its file, over random pipelines and random damage.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::random::{edit, json, pipeline};
use crate::format::{load, save};
use crate::pipeline::{Document, Pipeline, PipelineDiff, diff};

proptest! {
    /// save(load(save(p))) = save(p).
    #[test]
    fn saving_loading_and_saving_gives_the_same_bytes(pipeline in pipeline()) {
        let text = save(&pipeline);
        let loaded = load(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(loaded.warnings, Vec::<String>::new());
        prop_assert_eq!(save(&loaded.pipeline), text);
    }

    /// What is loaded is what was saved: the meaning too, not only the text.
    #[test]
    fn a_loaded_pipeline_computes_the_same(pipeline in pipeline()) {
        let loaded = load(&save(&pipeline)).unwrap().pipeline;
        prop_assert_eq!(diff(&pipeline, &loaded), PipelineDiff::default());
        prop_assert_eq!(pipeline.wires(), loaded.wires());
        prop_assert_eq!(pipeline.topological(), loaded.topological());
    }

    /// Our text is JSON as another reader reads it.
    #[test]
    fn a_saved_file_is_json_with_the_same_content(pipeline in pipeline()) {
        let value: Value = serde_json::from_str(&save(&pipeline)).unwrap();
        for node in pipeline.nodes() {
            prop_assert_eq!(value["nodes"][node.id.to_string()]["name"].as_str(), Some(node.name.as_str()));
        }
        prop_assert_eq!(value["wires"].as_array().map(Vec::len), Some(pipeline.wires().len()));
    }

    #[test]
    fn a_refused_edit_changes_nothing(mut pipeline in pipeline(), edits in vec(edit(), 1..20)) {
        for edit in &edits {
            let before = save(&pipeline);
            if pipeline.apply(edit).is_err() {
                prop_assert_eq!(save(&pipeline), before);
            }
        }
    }

    #[test]
    fn the_inverse_of_an_edit_takes_it_back_and_its_inverse_performs_it_again(
        mut pipeline in pipeline(),
        edits in vec(edit(), 1..20),
    ) {
        for edit in &edits {
            let before = save(&pipeline);
            let Ok(inverse) = pipeline.apply(edit) else { continue };
            let after = save(&pipeline);
            let again = pipeline.apply(&inverse).unwrap();
            prop_assert_eq!(save(&pipeline), before);
            pipeline.apply(&again).unwrap();
            prop_assert_eq!(save(&pipeline), after);
        }
    }

    /// Undo step by step back to the start and redo to the end: every state on the way is identical to the byte.
    #[test]
    fn undo_and_redo_pass_through_identical_documents(
        start in pipeline(),
        gestures in vec((any::<bool>(), vec(edit(), 0..5)), 0..20),
    ) {
        let mut document = Document::new(start);
        let mut states = vec![save(document.pipeline())];
        for (as_one, edits) in &gestures {
            if *as_one {
                document.begin_gesture("gesture");
            }
            for edit in edits {
                let steps = document.undo_label().is_some();
                let _ = document.edit("edit", edit.clone());
                let now = save(document.pipeline());
                if !as_one && (steps || document.undo_label().is_some()) && states.last() != Some(&now) {
                    states.push(now);
                }
            }
            if *as_one {
                document.end_gesture();
                let now = save(document.pipeline());
                if states.last() != Some(&now) {
                    states.push(now);
                }
            }
        }
        // A step may change what no file shows (a coordinate beyond the limit), so equal neighbours count once.
        let mut back = vec![save(document.pipeline())];
        while document.undo().is_some() {
            back.push(save(document.pipeline()));
        }
        back.reverse();
        back.dedup();
        prop_assert_eq!(&back, &states);
        let mut forth = vec![save(document.pipeline())];
        while document.redo().is_some() {
            forth.push(save(document.pipeline()));
        }
        forth.dedup();
        prop_assert_eq!(&forth, &states);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = load(&text);
    }

    #[test]
    fn any_json_is_read_or_refused(value in json()) {
        let _ = load(&value.to_string());
        let _ = load(&format!("{{\"weir\": 1, \"nodes\": {value}, \"wires\": {value}, \"settings\": {value}, \"layout\": {value}}}"));
    }

    /// Damage: bytes replaced, pieces cut out or doubled.
    #[test]
    fn a_damaged_file_is_read_or_refused_and_what_is_read_can_be_saved(
        pipeline in pipeline(),
        damage in vec((any::<prop::sample::Index>(), 0usize..9, any::<u8>(), 0u8..4), 1..6),
    ) {
        let mut bytes = save(&pipeline).into_bytes();
        for (at, length, byte, way) in damage {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + length).min(bytes.len());
            match way {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => { let piece = bytes[at..end].to_vec(); bytes.splice(at..at, piece); }
                _ => if let Some(place) = bytes.get_mut(at) { *place = byte },
            }
        }
        if let Ok(loaded) = load(&String::from_utf8_lossy(&bytes)) {
            still_saves(&loaded.pipeline)?;
        }
    }
}

fn still_saves(pipeline: &Pipeline) -> Result<(), TestCaseError> {
    let text = save(pipeline);
    let again = load(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
    prop_assert_eq!(save(&again.pipeline), text);
    Ok(())
}
