"""Forgetting a member in what was sent about them."""
