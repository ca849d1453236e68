"""A language model's opinion on what rules leave open: optional, and off unless it is set up."""
