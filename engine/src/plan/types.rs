//! What people call the types of columns: Spark SQL's words, because expressions are Spark's too.

use arrow::datatypes::DataType;

use crate::spec::Accepts;

/// The type in Spark's words: `string`, `bigint`, `array<double>`. Types Spark has no word for keep arrow's.
pub fn type_word(data_type: &DataType) -> String {
    let word = match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Boolean => "boolean",
        DataType::Int8 => "tinyint",
        DataType::Int16 | DataType::UInt8 => "smallint",
        DataType::Int32 | DataType::UInt16 => "int",
        DataType::Int64 | DataType::UInt32 => "bigint",
        DataType::Float16 | DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(_, _) => "timestamp",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "binary",
        DataType::Null => "void",
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => return format!("decimal({precision},{scale})"),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => return format!("array<{}>", type_word(item.data_type())),
        DataType::Struct(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|field| format!("{}: {}", field.name(), type_word(field.data_type()))).collect();
            return format!("struct<{}>", fields.join(", "));
        }
        DataType::Dictionary(_, values) => return type_word(values),
        DataType::UInt64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Map(_, _)
        | DataType::Union(_, _)
        | DataType::RunEndEncoded(_, _) => return data_type.to_string().to_lowercase(),
    };
    word.to_owned()
}

impl Accepts {
    /// Whether a column of this type fits.
    pub fn fits(self, data_type: &DataType) -> bool {
        match self {
            Self::Any => true,
            Self::Text => data_type.is_string(),
            Self::Number => data_type.is_numeric(),
            Self::Time => matches!(data_type, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64),
            Self::List => data_type.is_list(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::Field;

    use super::*;
    use crate::plan::LinkType;

    #[test]
    fn types_are_called_as_spark_calls_them() {
        let list = DataType::List(Arc::new(Field::new("item", DataType::Float64, true)));
        for (data_type, word) in [
            (LinkType::TEXT, "string"),
            (LinkType::timestamp(), "timestamp"),
            (DataType::Int64, "bigint"),
            (DataType::Decimal128(10, 2), "decimal(10,2)"),
            (list, "array<double>"),
        ] {
            assert_eq!(type_word(&data_type), word);
        }
    }

    #[test]
    fn a_parameter_offers_only_columns_that_fit() {
        assert!(Accepts::Text.fits(&LinkType::TEXT) && !Accepts::Text.fits(&DataType::Int64));
        assert!(Accepts::Number.fits(&DataType::Decimal128(10, 2)) && !Accepts::Number.fits(&LinkType::TEXT));
        assert!(Accepts::Time.fits(&LinkType::timestamp()) && !Accepts::Time.fits(&DataType::Int64));
    }
}
