"""The stages from a crawled page to a report: plain Python, no orchestration."""
