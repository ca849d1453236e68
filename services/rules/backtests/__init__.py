"""Backtests: what a rule set would have said of events that happened."""
