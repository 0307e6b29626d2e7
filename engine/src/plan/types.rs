//! Which columns a parameter takes, by their types.

use arrow::datatypes::DataType;

use crate::spec::Accepts;

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
    use super::*;
    use crate::plan::LinkType;

    #[test]
    fn a_parameter_offers_only_columns_that_fit() {
        assert!(Accepts::Text.fits(&LinkType::TEXT) && !Accepts::Text.fits(&DataType::Int64));
        assert!(Accepts::Number.fits(&DataType::Decimal128(10, 2)) && !Accepts::Number.fits(&LinkType::TEXT));
        assert!(Accepts::Time.fits(&LinkType::timestamp()) && !Accepts::Time.fits(&DataType::Int64));
    }
}
