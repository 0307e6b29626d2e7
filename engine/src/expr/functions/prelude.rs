//! What nearly every function's file needs.

pub(in crate::expr::functions) use arrow::array::{Array, ArrayRef, AsArray};
pub(in crate::expr::functions) use arrow::datatypes::{DataType, Int32Type, Int64Type};

pub(in crate::expr::functions) use super::entry::{Entry, Gives, Param, Takes};
pub(in crate::expr::functions) use crate::expr::ExprError;
pub(in crate::expr::functions) use crate::expr::args::{Args, booleans, numbers, texts};
pub(in crate::expr::functions) use crate::expr::typed::Typed;
