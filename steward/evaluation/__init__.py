"""Holds the scores against what happened later, and fits the models that foretell it."""
