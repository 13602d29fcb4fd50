"""Labelling by hand: which reviews, the table to fill in, and its import."""
