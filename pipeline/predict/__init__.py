"""Predicts labels of texts, tables and stored reviews."""
