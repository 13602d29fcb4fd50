"""From reviews to encoded sequences: labels, cleaning, splits, vocabulary, encoding."""
