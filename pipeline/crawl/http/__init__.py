"""Polite, guarded HTTP: pacing, robots.txt, retries, size caps, no private addresses."""
