"""Parsers as pure functions: dates, ratings, JSON paths, URLs, visible text."""
