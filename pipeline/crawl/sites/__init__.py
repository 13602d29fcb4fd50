"""Sites: one module per kind of source."""
