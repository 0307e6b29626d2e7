//! The one integration-test binary: what must hold of Weir as a whole.

mod inspector;
