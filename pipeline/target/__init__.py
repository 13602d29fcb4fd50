"""Prediction targets: label semantics, output layers and metrics."""
