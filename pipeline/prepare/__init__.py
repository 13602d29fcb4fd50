"""Turns reviews into encoded sequences: labels, cleaning, splits, vocabulary, encoding."""
