//! The integration tests of Weir live in `suite/`; this crate has nothing else.
