"""Notifications: alerts and the digest."""
