//! Undo and redo: a document is a pipeline with the steps that led to it.
//!
//! One gesture is one step. While a gesture lasts (a drag, a slider) its edits fold into the open step.

use super::{Edit, EditError, Pipeline};

/// Steps kept for undo.
const MAX_STEPS: usize = 1_000;

/// One undoable step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it did, for the menu: `move 3 nodes`.
    pub label: String,
    /// The change.
    pub edit: Edit,
    /// The change that takes it back.
    pub inverse: Edit,
}

/// A pipeline that remembers how it came about.
#[derive(Debug, Clone, Default)]
pub struct Document {
    pipeline: Pipeline,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The open gesture, if one is under way.
    gesture: Option<Gesture>,
    /// Grows with every change of the pipeline, also by undo.
    revision: u64,
    /// Grows with every change that can alter what the pipeline computes.
    meaning_revision: u64,
    /// How many steps lay behind when it was last saved; `None` if that state can no longer be reached.
    saved_at: Option<usize>,
}

#[derive(Debug, Clone)]
struct Gesture {
    label: String,
    /// Edits with their inverses, in order.
    edits: Vec<(Edit, Edit)>,
}

impl Document {
    /// A document just opened: nothing to undo, nothing to save.
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline, saved_at: Some(0), ..Self::default() }
    }

    /// A document in no file: nothing to undo, but all of it to save.
    pub fn unsaved(pipeline: Pipeline) -> Self {
        Self { pipeline, saved_at: None, ..Self::default() }
    }

    /// The pipeline.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// An id for a new node.
    pub fn fresh_id(&mut self) -> crate::spec::NodeId {
        self.pipeline.fresh_id()
    }

    /// An id for a new frame.
    pub fn fresh_frame_id(&mut self) -> super::FrameId {
        self.pipeline.fresh_frame_id()
    }

    /// An id for a new subflow.
    pub fn fresh_subflow_id(&mut self) -> super::SubflowId {
        self.pipeline.fresh_subflow_id()
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Grows with every change that can alter what the pipeline computes.
    pub fn meaning_revision(&self) -> u64 {
        self.meaning_revision
    }

    /// Performs an edit as a step of its own, or as part of the open gesture. An edit that leaves everything as it was
    /// is no step.
    pub fn edit(&mut self, label: impl Into<String>, edit: Edit) -> Result<(), EditError> {
        let inverse = self.pipeline.apply(&edit)?;
        if edit.is_idle(&inverse) {
            return Ok(());
        }
        self.changed(&edit);
        match &mut self.gesture {
            Some(gesture) => gesture.add(edit, inverse),
            None => self.push(Step { label: label.into(), edit, inverse }),
        }
        Ok(())
    }

    /// Opens a gesture: edits until [`Self::end_gesture`] are one step. An open gesture is ended first.
    pub fn begin_gesture(&mut self, label: impl Into<String>) {
        self.end_gesture();
        self.gesture = Some(Gesture { label: label.into(), edits: Vec::new() });
    }

    /// Whether a gesture is open.
    pub fn in_gesture(&self) -> bool {
        self.gesture.is_some()
    }

    /// Closes the gesture; it leaves no step if it changed nothing.
    pub fn end_gesture(&mut self) {
        if let Some(gesture) = self.gesture.take().filter(Gesture::changes_anything) {
            let (edits, mut inverses): (Vec<_>, Vec<_>) = gesture.edits.into_iter().unzip();
            inverses.reverse();
            self.push(Step { label: gesture.label, edit: Edit::Many(edits), inverse: Edit::Many(inverses) });
        }
    }

    /// Takes the last step back and returns it; `None` if there is none.
    pub fn undo(&mut self) -> Option<&Step> {
        self.end_gesture();
        let step = self.done.pop()?;
        // The inverse was made by apply on exactly this state, so it fits.
        if self.pipeline.apply(&step.inverse).is_ok() {
            self.changed(&step.edit);
        }
        self.undone.push(step);
        self.undone.last()
    }

    /// Performs the last step taken back again and returns it; `None` if there is none.
    pub fn redo(&mut self) -> Option<&Step> {
        self.end_gesture();
        let step = self.undone.pop()?;
        if self.pipeline.apply(&step.edit).is_ok() {
            self.changed(&step.edit);
        }
        self.done.push(step);
        self.done.last()
    }

    /// What [`Self::undo`] would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.done.last().map(|step| step.label.as_str())
    }

    /// What [`Self::redo`] would perform again.
    pub fn redo_label(&self) -> Option<&str> {
        self.undone.last().map(|step| step.label.as_str())
    }

    /// Whether there is something the file does not have.
    pub fn is_dirty(&self) -> bool {
        self.gesture.as_ref().is_some_and(Gesture::changes_anything) || self.saved_at != Some(self.done.len())
    }

    /// Marks this state as the one in the file.
    pub fn mark_saved(&mut self) {
        self.end_gesture();
        self.saved_at = Some(self.done.len());
    }

    fn push(&mut self, step: Step) {
        self.undone.clear();
        if self.saved_at.is_some_and(|saved| saved > self.done.len()) {
            self.saved_at = None;
        }
        self.done.push(step);
        if self.done.len() > MAX_STEPS {
            self.done.remove(0);
            self.saved_at = self.saved_at.and_then(|saved| saved.checked_sub(1));
        }
    }

    fn changed(&mut self, edit: &Edit) {
        self.revision += 1;
        if edit.changes_meaning() {
            self.meaning_revision += 1;
        }
    }
}

impl Gesture {
    /// Folds into the last edit where that one is superseded, so that a long drag stays one small step.
    fn add(&mut self, edit: Edit, inverse: Edit) {
        match self.edits.last_mut() {
            Some((last, _)) if edit.supersedes(last) => *last = edit,
            Some(_) | None => self.edits.push((edit, inverse)),
        }
    }

    /// Whether it left anything different: a node dragged away and back is where it was.
    fn changes_anything(&self) -> bool {
        self.edits.iter().any(|(edit, inverse)| !edit.is_idle(inverse))
    }
}
