"""What a file of reviews holds, and what a run would do with it."""
