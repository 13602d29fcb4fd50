"""Labelling by hand: chooses reviews, writes the table to fill in, and imports it."""
