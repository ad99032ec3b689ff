"""Property-based fuzzing for hand-written Jacobians."""
