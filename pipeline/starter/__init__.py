"""The starter: a small sentiment model of Korean reviews that comes with the package."""
