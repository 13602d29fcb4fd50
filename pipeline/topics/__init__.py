"""What reviews talk about, and how each topic is judged where it is mentioned."""
