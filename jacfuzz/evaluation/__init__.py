"""Evaluating f and jac at batches of points."""
