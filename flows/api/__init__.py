"""Prediction over HTTP: ``review-sentiment api``. Imports neither Prefect nor TensorFlow."""
