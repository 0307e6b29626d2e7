//! Grouped aggregation. The only module that touches `GroupsAccumulator` and `GroupValues`.
