"""Training: training loop, optimizer, stacking and pretraining."""
