//! What the registry says of a function: how it is called, what it takes and gives, and what computes it.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::lower::{Lowering, Site};
use crate::expr::typed::Typed;

/// What a function is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Numbers.
    Math,
    /// Text.
    Text,
    /// Dates and times.
    Time,
    /// Arrays, maps, structures and JSON.
    Collections,
    /// Choosing values, nulls, and types.
    Conditional,
    /// What the batch says of itself.
    Batch,
}

impl Group {
    /// All of them, in the order of the docs.
    pub const ALL: [Self; 6] = [Self::Math, Self::Text, Self::Time, Self::Collections, Self::Conditional, Self::Batch];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Math => "Numbers",
            Self::Text => "Text",
            Self::Time => "Dates and times",
            Self::Collections => "Arrays, maps, structures and JSON",
            Self::Conditional => "Conditions and types",
            Self::Batch => "The batch",
        }
    }
}

/// What an argument may be. What is not of this type is converted where Spark converts by itself, else refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::expr) enum Param {
    Text,
    /// Text that is a regular expression: a constant one is read while editing.
    Regex,
    /// Text that is a pattern of dates and times: a constant one is read while editing.
    TimePattern,
    /// Text or binary; anything else becomes text.
    TextOrBinary,
    Int,
    Long,
    Double,
    /// Any number; text becomes a double.
    Number,
    /// Any whole number; text becomes a bigint.
    Whole,
    Boolean,
    Date,
    Timestamp,
    Binary,
    Array,
    Map,
    /// Anything, as it is.
    Any,
    /// Anything; all of these take their common type.
    Common,
}

impl Param {
    /// What is said to be wanted.
    pub(in crate::expr) fn word(self) -> &'static str {
        match self {
            Self::Text | Self::Regex | Self::TimePattern => "text",
            Self::TextOrBinary => "text or binary",
            Self::Int => "an int",
            Self::Long => "a bigint",
            Self::Double => "a double",
            Self::Number => "a number",
            Self::Whole => "a whole number",
            Self::Boolean => "a boolean",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
            Self::Binary => "binary",
            Self::Array => "an array",
            Self::Map => "a map",
            Self::Any | Self::Common => "a value",
        }
    }
}

/// The arguments a function takes: those it must have, those it may have, and any number more.
#[derive(Debug, Clone, Copy)]
pub(in crate::expr) struct Takes {
    pub required: &'static [Param],
    pub optional: &'static [Param],
    pub rest: Option<Param>,
}

impl Takes {
    /// Exactly these.
    pub(in crate::expr) const fn these(required: &'static [Param]) -> Self {
        Self { required, optional: &[], rest: None }
    }

    /// Some of these as well, from the left.
    pub(in crate::expr) const fn or(mut self, optional: &'static [Param]) -> Self {
        self.optional = optional;
        self
    }

    /// Any number of these as well.
    pub(in crate::expr) const fn more(mut self, rest: Param) -> Self {
        self.rest = Some(rest);
        self
    }

    /// What the argument at a position may be.
    pub(in crate::expr) fn at(&self, index: usize) -> Option<Param> {
        self.required.iter().chain(self.optional).nth(index).copied().or(self.rest)
    }

    /// How many there may be, in words, where `count` is not among them.
    pub(in crate::expr) fn refuses(&self, count: usize) -> Option<String> {
        let (least, most) = (self.required.len(), self.required.len() + self.optional.len());
        if count >= least && (count <= most || self.rest.is_some()) {
            return None;
        }
        Some(if self.rest.is_some() {
            format!("at least {}", arguments(least))
        } else if least == most {
            arguments(least)
        } else {
            format!("{} to {}", numeral(least), arguments(most))
        })
    }
}

/// So many arguments, in words.
fn arguments(count: usize) -> String {
    if count == 1 { "one argument".to_owned() } else { format!("{} arguments", numeral(count)) }
}

/// A small number as a word.
fn numeral(count: usize) -> String {
    match count {
        0 => "no".to_owned(),
        1 => "one".to_owned(),
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        count => count.to_string(),
    }
}

/// The type a function gives.
#[derive(Debug, Clone, Copy)]
pub(in crate::expr) enum Gives {
    Text,
    Int,
    Long,
    Double,
    Boolean,
    Date,
    Timestamp,
    Binary,
    /// The type of the argument at this position.
    Like(usize),
    /// What follows from the arguments, already converted.
    By(fn(&[Typed]) -> Result<DataType, ExprError>),
    /// What the expression that stands for it gives.
    Itself,
}

/// What computes a function.
#[derive(Debug, Clone, Copy)]
pub(in crate::expr) enum Run {
    /// Our own code, over the values of the arguments.
    Own(fn(&Args<'_>) -> Result<ArrayRef, ExprError>),
    /// Another expression that stands for it, made from the converted arguments.
    Form(fn(&mut Lowering<'_>, Vec<Typed>, &Site<'_>) -> Result<Typed, ExprError>),
    /// The same from the arguments as they are written, for those that take `x -> ...`.
    Written(fn(&mut Lowering<'_>, &Site<'_>) -> Result<Typed, ExprError>),
}

/// A function that may be called.
#[derive(Debug, Clone, Copy)]
pub(in crate::expr) struct Entry {
    /// Its name, lower case.
    pub name: &'static str,
    /// What it may be called as well.
    pub aliases: &'static [&'static str],
    /// How it is called: `substring(text, start[, length])`.
    pub form: &'static str,
    /// What it gives, in one sentence.
    pub doc: &'static str,
    /// Its arguments.
    pub takes: Takes,
    /// Its result.
    pub gives: Gives,
    /// Whether it may give null although no argument is.
    pub may_be_null: bool,
    /// What computes it.
    pub run: Run,
}

impl Entry {
    /// A function in our own code.
    pub(in crate::expr) const fn own(
        name: &'static str,
        form: &'static str,
        doc: &'static str,
        takes: Takes,
        gives: Gives,
        kernel: fn(&Args<'_>) -> Result<ArrayRef, ExprError>,
    ) -> Self {
        Self { name, aliases: &[], form, doc, takes, gives, may_be_null: true, run: Run::Own(kernel) }
    }

    /// A function that is written as another expression.
    pub(in crate::expr) const fn form(
        name: &'static str,
        form: &'static str,
        doc: &'static str,
        takes: Takes,
        make: fn(&mut Lowering<'_>, Vec<Typed>, &Site<'_>) -> Result<Typed, ExprError>,
    ) -> Self {
        let gives = Gives::Itself;
        Self { name, aliases: &[], form, doc, takes, gives, may_be_null: true, run: Run::Form(make) }
    }

    /// A function that looks at its arguments as they are written.
    pub(in crate::expr) const fn written(
        name: &'static str,
        form: &'static str,
        doc: &'static str,
        takes: Takes,
        make: fn(&mut Lowering<'_>, &Site<'_>) -> Result<Typed, ExprError>,
    ) -> Self {
        let gives = Gives::Itself;
        Self { name, aliases: &[], form, doc, takes, gives, may_be_null: true, run: Run::Written(make) }
    }

    /// The same under more names.
    pub(in crate::expr) const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The same, never null unless an argument is.
    pub(in crate::expr) const fn total(mut self) -> Self {
        self.may_be_null = false;
        self
    }
}
