//! SQL scalar expressions over the columns of a batch: parsed, checked and simplified once, then evaluated as
//! vectorised physical expressions. The only module that touches DataFusion's SQL and expressions.
//!
//! The way of an expression: `limits` refuses what could exhaust the stack, `names` resolves columns and functions
//! on the syntax tree (where byte ranges are still known), `compile` plans, coerces and simplifies it, [`normalise`]
//! brings its result to the types that travel on links. `attempt` evaluates where single rows may fail. Text and meaning
//! follow Spark SQL, so that the same text can run on a cluster.
//! run on a cluster.

mod attempt;
mod bounded;
mod compile;
mod context;
mod dialect;
mod error;
mod expression;
mod functions;
mod limits;
mod literals;
mod names;
mod normalise;
mod place;
mod scope;
pub mod select;
mod spark;
mod suggest;

pub use attempt::{Attempt, Failure, shorten};
pub use error::ExprError;
pub use expression::Expression;
pub use functions::{FunctionInfo, functions};
pub use normalise::{link_type, normalise};
pub use scope::Scope;
pub use suggest::nearest;

#[cfg(test)]
mod tests;
