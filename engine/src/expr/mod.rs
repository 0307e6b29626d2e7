//! SQL scalar expressions over the columns of a batch: parsed, checked and simplified once, then evaluated as
//! vectorised physical expressions. The only module that touches DataFusion's SQL and expressions.
//!
//! The way of an expression: `limits` refuses what could exhaust the stack, `lower` gives every node of the syntax tree
//! its type and its meaning by Spark's rules, with the functions of `functions` (an allow-list), the conversions of
//! `cast` and the arithmetic of `arithmetic`; [`normalise`] brings its result to the types that travel on links.
//! `attempt` evaluates where single rows may fail. Text and meaning follow Spark SQL in ANSI mode, so that the same
//! text can run on a cluster.

mod args;
mod arithmetic;
mod attempt;
mod call;
mod cast;
mod compile;
mod dialect;
mod error;
mod expression;
mod functions;
mod generator;
mod hints;
mod java_regex;
mod limits;
mod lower;
mod normalise;
mod place;
mod scope;
pub mod select;
mod suggest;
mod tokens;
mod typed;
mod types;

pub(crate) use cast::decimal_of_text;

pub use attempt::{Attempt, Failure, shorten};
pub use error::ExprError;
pub use expression::Expression;
pub use functions::{FunctionInfo, Group, catalogue, functions};
pub use generator::{Generated, Generator};
pub use normalise::{link_type, normalise};
pub use scope::Scope;
pub use suggest::nearest;
pub use types::type_name;

#[cfg(test)]
mod tests;
