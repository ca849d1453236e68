"""Forgetting a member in what rules found about them."""
