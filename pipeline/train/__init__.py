"""Training: the loop, the optimizer, stacking and pretraining."""
