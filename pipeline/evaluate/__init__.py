"""Scores, slices, leakage, drift, behaviour tests and promotion."""
