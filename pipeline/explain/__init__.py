"""Explains predictions: token contributions of one review, and drivers of many reviews."""
