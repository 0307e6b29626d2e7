//! Parameters as data: from one [`ParamSpec`] come the inspector's editor, the help, the file check and the docs.

/// One parameter of a node kind.
#[derive(Debug, Clone, Copy)]
pub struct ParamSpec {
    /// The key in files and on the command line, `snake_case`.
    pub name: &'static str,
    /// The label a person reads.
    pub title: &'static str,
    /// What it does, in one or two sentences.
    pub doc: &'static str,
    /// What may be entered.
    pub kind: ParamKind,
    /// What holds while nothing is entered.
    pub default: Default,
    /// Shown (and checked) only while this holds.
    pub visible_when: Option<VisibleWhen>,
}

/// What holds while nothing is entered.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// A value must be entered.
    Required,
    /// Nothing: the parameter is optional and stays absent.
    Absent,
    /// A toggle's state.
    Toggle(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text, a duration, a choice, a column or an expression.
    Text(&'static str),
    /// Any value, as JSON text (rows, lists of columns).
    Json(&'static str),
}

/// Makes a parameter depend on another of the same node.
#[derive(Debug, Clone, Copy)]
pub struct VisibleWhen {
    /// The other parameter, a choice or a toggle.
    pub param: &'static str,
    /// Its values (a toggle's are `true` and `false`) that make this one visible.
    pub is_any_of: &'static [&'static str],
}

/// All kinds of parameters there are. The inspector has one editor for each and matches without a wildcard: a node
/// never gets a widget of its own, a new need becomes a new variant that every node can use.
///
/// In raw params: `Text`, `Code`, `Duration`, `Choice`, `Column`, `Expression`, `File` and `Secret` are JSON strings,
/// `Integer`, `Port` and `Number` JSON numbers, `Toggle` a bool, `Columns` an array of strings, `Rows` an array of objects.
#[derive(Debug, Clone, Copy)]
pub enum ParamKind {
    /// A line of free text.
    Text,
    /// Several lines in a language.
    Code {
        /// What the lines are.
        language: Language,
    },
    /// A whole number within bounds.
    Integer {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// The number of a TCP port, 1 to 65535: typed, never slid.
    Port,
    /// A number within bounds.
    Number {
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
        /// Shown behind the number: `rows/s`, `%`.
        unit: &'static str,
    },
    /// A duration, written `1m 30s`; the bounds are also the slider's ends.
    Duration {
        /// Shortest allowed, in milliseconds.
        min_millis: i64,
        /// Longest allowed, in milliseconds.
        max_millis: i64,
    },
    /// On or off.
    Toggle,
    /// One of a closed list.
    Choice {
        /// The list.
        options: &'static [Choice],
    },
    /// One column of the input.
    Column {
        /// Which types fit.
        accepts: Accepts,
    },
    /// Several columns of the input.
    Columns {
        /// Which types fit.
        accepts: Accepts,
    },
    /// A SQL scalar expression over the input's columns.
    Expression {
        /// What it must give.
        yields: Yields,
    },
    /// A path. Nothing is opened before a run.
    File {
        /// Whether the node writes to it.
        writes: bool,
        /// Suffixes the file dialog offers, without the dot.
        extensions: &'static [&'static str],
    },
    /// A secret: only `${env:NAME}` may be stored.
    Secret,
    /// A table typed in place; each row is an object with these fields.
    Rows {
        /// The fields, each an own parameter.
        fields: &'static [ParamSpec],
    },
}

/// One option of a [`ParamKind::Choice`].
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The value in files.
    pub value: &'static str,
    /// The label.
    pub title: &'static str,
    /// What choosing it means, in one sentence.
    pub doc: &'static str,
}

/// What kind of text a [`ParamKind::Code`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// No syntax.
    PlainText,
    /// A regular expression.
    Regex,
    /// JSON.
    Json,
    /// SQL.
    Sql,
}

/// Which column types a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// All.
    Any,
    /// Strings.
    Text,
    /// Numbers.
    Number,
    /// Timestamps.
    Time,
    /// Lists.
    List,
}

/// What an expression must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yields {
    /// Any type.
    Any,
    /// True, false or null.
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
    /// A list.
    List,
}

impl ParamSpec {
    /// A required parameter, always visible.
    pub const fn new(name: &'static str, title: &'static str, doc: &'static str, kind: ParamKind) -> Self {
        Self { name, title, doc, kind, default: Default::Required, visible_when: None }
    }

    /// The same with a default.
    #[must_use]
    pub const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    /// The same, shown only while another parameter has one of these values.
    #[must_use]
    pub const fn when(mut self, param: &'static str, is_any_of: &'static [&'static str]) -> Self {
        self.visible_when = Some(VisibleWhen { param, is_any_of });
        self
    }
}

impl Choice {
    /// An option.
    pub const fn new(value: &'static str, title: &'static str, doc: &'static str) -> Self {
        Self { value, title, doc }
    }
}

impl Default {
    /// The default as the JSON value a file would hold; `None` for required and absent ones.
    pub fn to_json(self) -> Option<serde_json::Value> {
        match self {
            Self::Required | Self::Absent => None,
            Self::Toggle(on) => Some(on.into()),
            Self::Integer(number) => Some(number.into()),
            Self::Number(number) => Some(number.into()),
            Self::Text(text) => Some(text.into()),
            Self::Json(text) => serde_json::from_str(text).ok(),
        }
    }
}
