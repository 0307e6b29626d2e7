//! What of the computer and the network a pipeline touches, so that a person can agree to it before a stranger's
//! pipeline runs.

/// One thing a node touches while it runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Writes to this file, folder or database.
    Writes(String),
    /// Lets others connect to this own address.
    Listens(String),
    /// Connects to this address.
    Connects(String),
    /// Reads this variable of the environment.
    Environment(String),
}
