"""Explains predictions: token contributions of one review, and drivers over many."""
