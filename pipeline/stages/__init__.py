"""Each stage as a plain function: reads files, writes files, returns what it wrote."""
