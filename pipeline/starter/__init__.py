"""The starter: a small sentiment model for Korean reviews that comes with the package."""
