"""Reviews, the review store and its snapshots."""
