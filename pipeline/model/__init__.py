"""Networks, n-gram regression, calibration, inference and the model registry."""
