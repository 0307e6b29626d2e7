//! `concat`, which is also `||`, and `concat_ws`: texts, or lists, put together.

use arrow::array::{BinaryBuilder, ListArray};

use crate::expr::ExprError;
use crate::expr::functions::entry::Run;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "concat",
        "concat(value, ...)",
        "Texts or lists put together; null where one is.",
        Takes::these(&[]).more(Param::Any),
        concat,
    ),
    Entry::own("concat_texts", "concat(text, ...)", "", Takes::these(&[]).more(Param::Text), Gives::Text, concat_texts)
        .total(),
    Entry::own(
        "concat_binary",
        "concat(binary, ...)",
        "",
        Takes::these(&[]).more(Param::Binary),
        Gives::Binary,
        concat_binary,
    )
    .total(),
    Entry {
        may_be_null: true,
        run: Run::Own(concat_ws),
        ..Entry::own(
            "concat_ws",
            "concat_ws(separator, text, ...)",
            "Texts and lists of texts put together with a separator between; nulls are left out.",
            Takes::these(&[Param::Text]).more(Param::Any),
            Gives::By(check_pieces),
            concat_ws,
        )
    },
];

fn concat(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let all = |is: fn(&DataType) -> bool| !args.is_empty() && args.iter().all(|arg| is(&arg.data_type));
    let name = if args.iter().any(|arg| matches!(arg.data_type, DataType::List(_))) {
        "concat_arrays"
    } else if all(|data_type| *data_type == DataType::Binary) {
        "concat_binary"
    } else {
        "concat_texts"
    };
    lowering.call(name, args)
}

fn concat_texts(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let parts = (0..args.len()).map(|index| args.text(index)).collect::<Result<Vec<_>, _>>()?;
    texts(args.rows(), |row| {
        let mut whole = String::new();
        for part in &parts {
            let Some(part) = part.get(row) else { return Ok(None) };
            whole.push_str(part);
        }
        Ok(Some(whole))
    })
}

fn concat_binary(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let parts = (0..args.len()).map(|index| args.array(index)).collect::<Result<Vec<_>, _>>()?;
    let mut builder = BinaryBuilder::new();
    for row in 0..args.rows() {
        let whole: Option<Vec<&[u8]>> =
            parts.iter().map(|part| part.is_valid(row).then(|| part.as_binary::<i32>().value(row))).collect();
        builder.append_option(whole.map(|parts| parts.concat()));
    }
    Ok(std::sync::Arc::new(builder.finish()))
}

fn check_pieces(args: &[Typed]) -> Result<DataType, ExprError> {
    for arg in args {
        let is_piece = match &arg.data_type {
            DataType::Utf8View | DataType::Null => true,
            DataType::List(item) => matches!(item.data_type(), DataType::Utf8View | DataType::Null),
            _ => false,
        };
        if !is_piece {
            return Err(arg.refuse("`concat_ws` takes texts and lists of texts; convert this with CAST to string"));
        }
    }
    Ok(DataType::Utf8View)
}

/// The values behind the separator: texts, or lists of them.
enum Pieces {
    Text(crate::expr::args::Texts),
    List(ListArray),
    Null,
}

fn concat_ws(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let separator = args.text(0)?;
    let mut pieces = Vec::new();
    for index in 1..args.len() {
        let array = args.array(index)?;
        pieces.push(match array.data_type() {
            DataType::Utf8View => Pieces::Text(args.text(index)?),
            DataType::List(item) if *item.data_type() == DataType::Utf8View => {
                Pieces::List(array.as_list::<i32>().clone())
            }
            _ => Pieces::Null,
        });
    }
    texts(args.rows(), |row| {
        let Some(separator) = separator.get(row) else { return Ok(None) };
        let mut whole = Joined { text: String::new(), separator, is_empty: true };
        for piece in &pieces {
            match piece {
                Pieces::Text(text) => text.get(row).into_iter().for_each(|text| whole.push(text)),
                Pieces::List(list) if list.is_valid(row) => {
                    list.value(row).as_string_view().iter().flatten().for_each(|text| whole.push(text));
                }
                Pieces::List(_) | Pieces::Null => {}
            }
        }
        Ok(Some(whole.text))
    })
}

struct Joined<'a> {
    text: String,
    separator: &'a str,
    is_empty: bool,
}

impl Joined<'_> {
    fn push(&mut self, piece: &str) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.text.push_str(self.separator);
        }
        self.text.push_str(piece);
    }
}
