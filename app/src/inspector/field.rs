//! What an editor is given: one parameter with its value, its words and its problems.

use std::borrow::Cow;
use std::ops::Range;

use eframe::egui::{self, Id};
use serde_json::Value;
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::LinkType;
use weir_engine::spec::{Choice, Default as ParamDefault, Diagnostic, NodeId, ParamSpec};

use super::preview::Sample;
use super::squiggle::Mark;
use crate::i18n;
use crate::staged::Staged;
use crate::theme::Theme;

/// What all editors of one node share.
pub struct EditorContext<'a> {
    /// The node.
    pub node: NodeId,
    /// The id of its kind, which its words are looked up by.
    pub kind: &'a str,
    /// What its first input carries: completion and column lists come from here.
    pub input: Option<&'a LinkType>,
    /// Rows that entered its first input lately: expressions are tried on them.
    pub sample: Option<Sample<'a>>,
    /// What is wrong with the node.
    pub problems: Vec<&'a Diagnostic>,
    /// The colours.
    pub theme: &'a Theme,
    /// Whether the document has a gesture open.
    pub in_gesture: bool,
    /// A change that would cost state and waits for the person's word.
    pub staged: Option<&'a Staged>,
    /// The pipeline, for the names of nodes.
    pub pipeline: &'a Pipeline,
}

/// One parameter of one node, or one field of one row of it.
pub(super) struct Field<'a> {
    pub(super) spec: &'a ParamSpec,
    /// `columns[2].name`.
    pub(super) path: String,
    /// The raw value; `None` while nothing is entered.
    pub(super) value: Option<&'a Value>,
    pub(super) context: &'a EditorContext<'a>,
    /// Where its words are looked up: `<kind>.param.columns.name`.
    words: String,
    /// Which row it is in, for its accessible name: `Columns #2 `.
    row: String,
    /// The label that names it.
    pub(super) label: Option<Id>,
    /// Whether it stands in a row, where space is dear.
    pub(super) is_compact: bool,
}

impl<'a> Field<'a> {
    /// A parameter of the node.
    pub(super) fn new(
        spec: &'a ParamSpec,
        path: &str,
        value: Option<&'a Value>,
        context: &'a EditorContext<'a>,
    ) -> Self {
        let words = format!("{}.param.{}", context.kind, spec.name);
        Self { spec, path: path.to_owned(), value, context, words, row: String::new(), label: None, is_compact: false }
    }

    /// A field of a row of this parameter.
    pub(super) fn nested(&self, spec: &'a ParamSpec, index: usize, value: Option<&'a Value>) -> Self {
        Self {
            spec,
            path: format!("{}[{index}].{}", self.path, spec.name),
            value,
            context: self.context,
            words: format!("{}.{}", self.words, spec.name),
            row: self.row_name(index) + " ",
            label: None,
            is_compact: true,
        }
    }

    pub(super) fn theme(&self) -> &'a Theme {
        self.context.theme
    }

    pub(super) fn title(&self) -> &'static str {
        i18n::node_word(&format!("{}.title", self.words), self.spec.title)
    }

    pub(super) fn doc(&self) -> &'static str {
        i18n::node_word(&format!("{}.doc", self.words), self.spec.doc)
    }

    pub(super) fn option_title(&self, option: &Choice) -> &'static str {
        i18n::node_word(&format!("{}.option.{}.title", self.words, option.value), option.title)
    }

    pub(super) fn option_doc(&self, option: &Choice) -> &'static str {
        i18n::node_word(&format!("{}.option.{}.doc", self.words, option.value), option.doc)
    }

    /// The id of a widget of this field; the same in every frame.
    pub(super) fn id(&self, part: &str) -> Id {
        Id::unique(("inspector", self.context.node.0, &self.path, part))
    }

    /// Names a widget after the field, for screen readers and tests.
    pub(super) fn named(&self, response: egui::Response) -> egui::Response {
        match self.label {
            Some(label) if self.row.is_empty() => response.labelled_by(label),
            Some(_) | None => response.accessible_name(self.name()),
        }
    }

    /// Its title, and the row it is in where there are rows: `Columns #2 Name`.
    pub(super) fn name(&self) -> String {
        format!("{}{}", self.row, self.title())
    }

    /// What one of its rows is called: `Columns #2`.
    pub(super) fn row_name(&self, index: usize) -> String {
        format!("{} #{}", self.name(), index + 1)
    }

    /// Whether something was entered; null and empty text count as nothing.
    pub(super) fn is_overridden(&self) -> bool {
        match self.value {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => true,
        }
    }

    /// Whether there is a default, if only 'nothing', to go back to.
    pub(super) fn has_default(&self) -> bool {
        !matches!(self.spec.default, ParamDefault::Required)
    }

    /// What holds: the value entered, else the default.
    pub(super) fn effective(&self) -> Option<Cow<'a, Value>> {
        match self.value {
            Some(value) if self.is_overridden() => Some(Cow::Borrowed(value)),
            Some(_) | None => self.spec.default.to_json().map(Cow::Owned),
        }
    }

    /// The default as shown in the empty field.
    pub(super) fn hint(&self) -> String {
        match self.spec.default.to_json() {
            None => String::new(),
            Some(Value::String(text)) if text.trim() != text => format!("\"{text}\""),
            Some(value) => plain_text(&value),
        }
    }

    /// The text entered, exactly.
    pub(super) fn text(&self) -> String {
        self.value.map(plain_text).unwrap_or_default()
    }

    /// What is wrong with exactly this parameter (not with what lies within it).
    pub(super) fn problems(&self) -> impl Iterator<Item = &'a Diagnostic> {
        self.problems_at(self.path.clone())
    }

    /// What is wrong at this path.
    pub(super) fn problems_at(&self, path: String) -> impl Iterator<Item = &'a Diagnostic> {
        let problems: Vec<_> = self.context.problems.clone();
        problems.into_iter().filter(move |problem| problem.param.as_deref() == Some(path.as_str()))
    }

    /// The places in the text to underline.
    pub(super) fn marks(&self) -> Vec<Mark> {
        self.problems()
            .filter_map(|problem| {
                let range: Range<usize> = problem.at.clone()?;
                Some(Mark { range, color: super::problems::color(problem.severity, self.theme()) })
            })
            .collect()
    }
}

/// A raw value as text: strings without quotes, everything else as JSON.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
