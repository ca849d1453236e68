"""Notify: delivers actions as signed webhooks, and remembers what became of each."""
