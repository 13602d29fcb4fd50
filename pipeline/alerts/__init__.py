"""What people are told without asking: alerts, and the digest."""
