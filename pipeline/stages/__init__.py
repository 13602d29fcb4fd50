"""Each stage as a plain function that reads files, writes files and returns what it wrote."""
