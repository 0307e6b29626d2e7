//! When an aggregate behind a window gives its results.

use serde::Deserialize;

use crate::plan::LinkType;
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec};
use crate::window::LinkWindow;

/// The parameter `emit`.
pub(in crate::nodes) const EMIT: ParamSpec = ParamSpec::new(
    "emit",
    "Emit",
    "When windows by event time give their results. Other windows give each result once, when it is due.",
    ParamKind::Choice {
        options: &[
            Choice::new("auto", "automatically", "On close behind a watermark, otherwise on change."),
            Choice::new("close", "on close", "Each result once, as soon as the watermark has passed its window."),
            Choice::new("change", "on change", "In every batch the results that rows of the batch changed."),
            Choice::new(
                "whole",
                "every batch, whole",
                "In every batch all results there are. No window is ever let go, and late rows count too.",
            ),
        ],
    },
)
.default(Default::Text("auto"));

/// What a person chose for [`EMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes) enum Emit {
    /// What fits the input.
    Auto,
    /// Once, when the watermark has passed.
    Close,
    /// What a batch changed.
    Change,
    /// Everything, in every batch.
    Whole,
}

impl Emit {
    /// The choice for this input, or why it does not fit.
    pub(in crate::nodes) fn over(self, input: &LinkType) -> Result<Self, Vec<Diagnostic>> {
        let is_watermarked = input.event_time.is_some();
        let by_event_time = match &input.window {
            Some(LinkWindow::Event(_)) => true,
            Some(LinkWindow::Session(session)) => session.time.is_some(),
            Some(LinkWindow::Arrival(_) | LinkWindow::Count(_)) | None => false,
        };
        let refuse = |sentence: &str| Err(vec![Diagnostic::error(sentence).param("emit")]);
        match self {
            Self::Auto if by_event_time && is_watermarked => Ok(Self::Close),
            Self::Auto if by_event_time => Ok(Self::Change),
            Self::Auto => Ok(Self::Auto),
            Self::Close if by_event_time && !is_watermarked => refuse(
                "windows by event time close when a watermark passes them; put a Watermark before the window, or emit \
                 on change",
            ),
            Self::Close | Self::Change | Self::Whole if by_event_time => Ok(self),
            Self::Close | Self::Change | Self::Whole => {
                refuse("this choice is for windows by event time; choose automatically")
            }
        }
    }
}
