//! The versioned file format. Only types of this module are serialized.
