"""Predictions for texts, tables and stored reviews."""
