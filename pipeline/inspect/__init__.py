"""Inspection of a file or site: what it contains, and what a run would do with it."""
