//! What becomes of a node's state when the pipeline is edited: said beforehand by a preview, and afterwards by the
//! change itself, in the same words.

use crate::metrics::Coverage;

/// What became of the state when a node's parameters, inputs or window changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateFate {
    /// All of it goes on.
    Kept,
    /// It goes on column by column.
    Migrated(Migration),
    /// It goes on, but reaches less far back than is asked for now: results are short until enough has come.
    Short {
        /// How much of the present window is held.
        coverage: Coverage,
        /// The same as a sentence.
        sentence: String,
    },
    /// Part of it goes on; the sentence says what does not.
    Partly(String),
    /// What was set aside earlier is back; the sentence says as of when.
    Restored(String),
    /// It starts anew; the sentence says why.
    Reset(String),
    /// The node left the plan; the sentence says whether its state is kept for undo.
    Parked(String),
}

/// A state that goes on column by column. Columns are named by what they give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Migration {
    /// These go on.
    pub kept: Vec<String>,
    /// These are new: they hold only what follows.
    pub begun: Vec<String>,
    /// These were set aside earlier and go on, without what came meanwhile.
    pub resumed: Vec<String>,
    /// These were taken away and are set aside for undo.
    pub parked: Vec<String>,
    /// What else is not as before.
    pub note: Option<String>,
    /// How much of the present window is held, where that is less than all.
    pub coverage: Option<Coverage>,
}

impl StateFate {
    /// The fate as a sentence for a person, without a full stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::Kept => "its state goes on".to_owned(),
            Self::Migrated(migration) => migration.sentence(),
            Self::Short { sentence, .. }
            | Self::Partly(sentence)
            | Self::Restored(sentence)
            | Self::Reset(sentence)
            | Self::Parked(sentence) => sentence.clone(),
        }
    }

    /// Whether anything of the state that was there goes on.
    pub fn goes_on(&self) -> bool {
        match self {
            Self::Kept | Self::Migrated(_) | Self::Short { .. } | Self::Partly(_) => true,
            Self::Restored(_) | Self::Reset(_) | Self::Parked(_) => false,
        }
    }

    /// How much is lost: of two fates of one node the graver is told.
    fn gravity(&self) -> u8 {
        match self {
            Self::Kept => 0,
            Self::Migrated(_) => 1,
            Self::Short { .. } => 2,
            Self::Partly(_) => 3,
            Self::Restored(_) => 4,
            Self::Reset(_) => 5,
            Self::Parked(_) => 6,
        }
    }

    /// The graver of two fates of one node.
    #[must_use]
    pub fn or_graver(self, other: Self) -> Self {
        if other.gravity() > self.gravity() { other } else { self }
    }
}

impl Migration {
    fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if let Some(columns) = listed(&self.begun) {
            parts.push(format!("{columns} counts only what follows"));
        }
        if let Some(columns) = listed(&self.resumed) {
            parts.push(format!("{columns} goes on from where it was taken away, without what came meanwhile"));
        }
        if let Some(columns) = listed(&self.parked) {
            parts.push(format!("{columns} is set aside for undo"));
        }
        parts.extend(self.note.clone());
        parts.push("the rest goes on".to_owned());
        parts.join("; ")
    }
}

/// The columns by name; `None` where there are none to tell of.
fn listed(columns: &[String]) -> Option<String> {
    let names = columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>();
    (!names.is_empty()).then(|| names.join(", "))
}
