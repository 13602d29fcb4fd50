"""What a model predicts: kinds of target, outputs, metrics."""
