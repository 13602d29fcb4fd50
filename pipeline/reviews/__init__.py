"""Reviews, the store that keeps them, and snapshots of it."""
