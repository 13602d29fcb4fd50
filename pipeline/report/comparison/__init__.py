"""Comparison of two groups, sources or periods: the page and its workbook."""
