"""HTTP client of the crawler: rate limits, robots.txt, retries, size limits, SSRF protection."""
