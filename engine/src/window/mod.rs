//! Windows as queries over panes: pure, without IO or clocks.

mod spec;

pub use spec::WindowSpec;
