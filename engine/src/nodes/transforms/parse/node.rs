//! The kind, its parameters and how it is planned.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::Deserialize;

use super::cells::{FieldType, ParsedField};
use super::operator::{Counts, Format, ParseOperator};
use super::{access_log, json, pattern};
use crate::nodes::transforms::refusal::find_column;
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Arity, Choice, Default, Diagnostic, Language, ParamKind, ParamSpec, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "parse",
    title: "Parse",
    summary: "Reads columns out of lines of text: JSON, CSV, key=value, a pattern, an access log.",
    doc: "Each line gives one row with the declared fields. A line that cannot be read goes to `rejected` with the reason and \
          its offset, the number of lines that came before it since the run began, and is counted. A field that is absent is null; one that is there but of another type rejects the line. Values of \
          fields that are not declared are ignored and counted.\n\n\
          As JSON with the fields `word` (string) and `n` (int):\n\n\
          | value | | word | n | | rejected because |\n|---|---|---|---|---|---|\n\
          | `{\"word\":\"a\",\"n\":1}` | | `a` | 1 | | |\n| `{\"word\":\"b\"}` | | `b` | null | | |\n\
          | `{\"word\":\"c\",\"n\":\"x\"}` | | | | | field `n`: `\"x\"` is not an int |\n| `oops` | | | | | not JSON |\n\n\
          *CSV* reads fields by position, with quotes; *key=value* reads pairs separated by blanks; *pattern* reads the \
          named groups of a regular expression (anchor it with `^` and `$` to match whole lines); *access log* knows the \
          Common and Combined formats of Apache and nginx and gives `ip, ident, user, time, method, path, protocol, \
          status, bytes, referer, agent`.\n\nSpark: `from_json`, `from_csv`, `regexp_extract`.",
    category: Category::Transform,
    icon: "M 6 3 L 3.5 3 L 3.5 13 L 6 13 M 10 3 L 12.5 3 L 12.5 13 L 10 13 D 8 6 1 D 8 10 1",
    base_name: "parsed",
    inputs: &[PortSpec { doc: "Lines of text.", ..PortSpec::IN }],
    outputs: &[
        PortSpec { doc: "One row for each line that could be read.", ..PortSpec::OUT },
        PortSpec {
            name: "rejected",
            doc: "The lines that could not be read (`value`), how many came before (`offset`) and why (`reason`).",
            arity: Arity::Many,
        },
    ],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Parse>(params.into())
            .map(|parse| Box::new(parse) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("column", "Column", "The text to read.", ParamKind::Column { accepts: Accepts::Text })
        .default(Default::Text("value")),
    ParamSpec::new(
        "format",
        "Format",
        "How the text is written.",
        ParamKind::Choice {
            options: &[
                Choice::new("json", "JSON", "One object per line; fields by key or path."),
                Choice::new("csv", "CSV", "Values between delimiters; fields by position."),
                Choice::new("key_value", "key=value", "Pairs separated by blanks; fields by key."),
                Choice::new("regex", "a pattern", "A regular expression; fields by named group."),
                Choice::new("access_log", "access log", "Apache or nginx, Common or Combined; the columns are fixed."),
            ],
        },
    )
    .default(Default::Text("json")),
    ParamSpec::new(
        "fields",
        "Fields",
        "The columns to read. For a pattern they may be left out: all named groups are read as text then.",
        ParamKind::Rows { fields: FIELD_PARAMS },
    )
    .default(Default::Json("[]"))
    .when("format", &["json", "csv", "key_value", "regex"]),
    ParamSpec::new(
        "pattern",
        "Pattern",
        "A regular expression with named groups: `^(?<level>\\w+) (?<text>.*)$`.",
        ParamKind::Code { language: Language::Regex },
    )
    .when("format", &["regex"]),
    ParamSpec::new("delimiter", "Delimiter", "The character between values; `\\t` is a tab.", ParamKind::Text)
        .default(Default::Text(","))
        .when("format", &["csv"]),
    ParamSpec::new(
        "keep_input",
        "Keep input columns",
        "Puts the input's columns in front of those that were read.",
        ParamKind::Toggle,
    )
    .default(Default::Toggle(false)),
];

const FIELD_PARAMS: &[ParamSpec] = &[
    ParamSpec::new("name", "Name", "The column, and the key or group it is read from.", ParamKind::Text),
    ParamSpec::new(
        "type",
        "Type",
        "What its values are.",
        ParamKind::Choice {
            options: &[
                Choice::new("string", "string", "Text."),
                Choice::new("int", "int", "A whole number of 32 bits."),
                Choice::new("bigint", "bigint", "A whole number of 64 bits."),
                Choice::new("double", "double", "A number."),
                Choice::new("boolean", "boolean", "true or false."),
                Choice::new("timestamp", "timestamp", "A point in time: 2026-01-31T10:00:00Z; UTC without a zone."),
                Choice::new("date", "date", "A day: 2026-01-31."),
            ],
        },
    )
    .default(Default::Text("string")),
    ParamSpec::new(
        "path",
        "Path",
        "In JSON, where the value stands, if not under the name: `user.name`, `tags[0]`.",
        ParamKind::Text,
    )
    .default(Default::Absent),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parse {
    column: String,
    format: FormatName,
    fields: Vec<FieldParam>,
    pattern: Option<String>,
    delimiter: String,
    keep_input: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldParam {
    name: String,
    r#type: FieldType,
    path: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormatName {
    Json,
    Csv,
    KeyValue,
    Regex,
    AccessLog,
}

impl Node for Parse {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = &context.input()?.schema;
        let mut problems = self.repeated_names();
        let column = self.text_column(input).map_err(|problem| problems.push(problem)).ok();
        let format = self.format().map_err(|mut found| problems.append(&mut found)).ok();
        let fields = format.as_ref().map_or_else(Vec::new, |format| self.parsed_fields(format));
        if format.is_some() && fields.is_empty() {
            problems.push(Diagnostic::error("no fields are declared; add those to read").param("fields"));
        }
        let schema = self.output(input, &fields).map_err(|problem| problems.push(problem)).ok();
        let (Some(column), Some(format), Some(parsed), true) = (column, format, schema, problems.is_empty()) else {
            return Err(problems);
        };
        let rejects: SchemaRef = Arc::new(Schema::new(vec![
            Field::new("value", LinkType::TEXT, true),
            Field::new("offset", DataType::Int64, false),
            Field::new("reason", LinkType::TEXT, false),
        ]));
        let outputs = vec![LinkType::plain(Arc::clone(&parsed)), LinkType::plain(Arc::clone(&rejects))];
        let keep_input = self.keep_input;
        let counts = Counts::default();
        let operator = ParseOperator { format, column, fields, keep_input, parsed, rejects, counts };
        Ok(Planned::new(outputs, Stage::Operator(Box::new(operator))))
    }
}

impl Parse {
    fn text_column(&self, input: &SchemaRef) -> Result<usize, Diagnostic> {
        let wrong = |message: String| Diagnostic::error(message).param("column");
        let column = find_column(input, &self.column).map_err(wrong)?;
        let field = input.field(column);
        if *field.data_type() == DataType::Utf8View {
            return Ok(column);
        }
        Err(wrong(format!("`{}` must be text to be read, but it is {}", field.name(), field.data_type())))
    }

    /// How lines are read, or everything that is wrong with the parameters of that.
    fn format(&self) -> Result<Format, Vec<Diagnostic>> {
        match self.format {
            FormatName::KeyValue => Ok(Format::KeyValue),
            FormatName::AccessLog => Ok(Format::AccessLog),
            FormatName::Json => self.json_paths().map(Format::Json),
            FormatName::Csv => self.delimiter().map(Format::Csv).map_err(|problem| vec![problem]),
            FormatName::Regex => self.regex(),
        }
    }

    fn json_paths(&self) -> Result<Vec<Vec<json::Step>>, Vec<Diagnostic>> {
        let mut paths = Vec::new();
        let mut problems = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            match field.path.as_deref().map(json::path) {
                None => paths.push(vec![json::Step::Key(field.name.clone())]),
                Some(Ok(path)) => paths.push(path),
                Some(Err(message)) => problems.push(Diagnostic::error(message).param(format!("fields[{index}].path"))),
            }
        }
        if problems.is_empty() { Ok(paths) } else { Err(problems) }
    }

    fn delimiter(&self) -> Result<char, Diagnostic> {
        let mut chars = self.delimiter.chars();
        match (chars.next(), chars.next()) {
            _ if self.delimiter == "\\t" => Ok('\t'),
            (Some(delimiter), None) if delimiter != '"' => Ok(delimiter),
            _ => Err(Diagnostic::error("the delimiter must be one character, and no quote").param("delimiter")),
        }
    }

    fn regex(&self) -> Result<Format, Vec<Diagnostic>> {
        let regex = pattern::compile(self.pattern.as_deref().unwrap_or_default()).map_err(|problem| vec![problem])?;
        let groups = pattern::all_groups(&regex);
        let problems: Vec<_> = self
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !groups.iter().any(|group| group.name == field.name))
            .map(|(index, field)| {
                let message = format!("the pattern has no group `{}`; name one like `(?<{0}>...)`", field.name);
                Diagnostic::error(message).param(format!("fields[{index}].name"))
            })
            .collect();
        if problems.is_empty() { Ok(Format::Pattern(regex)) } else { Err(problems) }
    }

    fn parsed_fields(&self, format: &Format) -> Vec<ParsedField> {
        match format {
            Format::AccessLog => access_log::fields(),
            Format::Pattern(regex) if self.fields.is_empty() => pattern::all_groups(regex),
            Format::Json(_) | Format::Csv(_) | Format::KeyValue | Format::Pattern(_) => self
                .fields
                .iter()
                .map(|field| ParsedField { name: field.name.clone(), field_type: field.r#type })
                .collect(),
        }
    }

    fn repeated_names(&self) -> Vec<Diagnostic> {
        let lower: Vec<String> = self.fields.iter().map(|field| field.name.to_lowercase()).collect();
        let repeated = (0..lower.len()).filter(|&index| lower[..index].contains(&lower[index]));
        let problem = |index: usize| {
            let message = format!("`{}` is already a field; give this one another name", self.fields[index].name);
            Diagnostic::error(message).param(format!("fields[{index}].name"))
        };
        repeated.map(problem).collect()
    }

    fn output(&self, input: &SchemaRef, fields: &[ParsedField]) -> Result<SchemaRef, Diagnostic> {
        let kept: Vec<Field> = if self.keep_input {
            input.fields().iter().map(|field| field.as_ref().clone()).collect()
        } else {
            Vec::new()
        };
        let clash =
            fields.iter().find(|field| kept.iter().any(|kept| kept.name().to_lowercase() == field.name.to_lowercase()));
        if let Some(clash) = clash {
            let message =
                format!("the input already has a column `{}`; do not keep the input, or rename one", clash.name);
            return Err(Diagnostic::error(message).param("keep_input"));
        }
        let fields = kept.into_iter().chain(fields.iter().map(ParsedField::to_field));
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }
}
