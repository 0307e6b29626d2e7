//! The application: owns the state, draws the views, applies what they ask for.

use crate::state::AppState;

/// The designer.
pub struct WeirApp {
    /// What the views read.
    pub state: AppState,
}
