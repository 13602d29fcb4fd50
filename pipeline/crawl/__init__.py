"""Crawling: reads reviews from sites and files into the review store."""
