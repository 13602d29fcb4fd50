"""Prediction over HTTP: ``review-sentiment api``. Loads neither Prefect nor TensorFlow."""
