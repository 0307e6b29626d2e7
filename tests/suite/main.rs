//! The integration tests: the designer driven through its accessibility tree, without a window, a disk or a screen.

mod shell;
