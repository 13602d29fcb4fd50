"""The networks, the n-gram regression, calibration, inference and the registry."""
