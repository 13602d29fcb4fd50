"""Two groups, sources or periods compared: the page and its workbook."""
