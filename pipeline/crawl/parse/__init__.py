"""Pure parsers: dates, ratings, JSON paths, URLs, visible text."""
